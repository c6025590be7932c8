"""TMF673 Geographic Address v4 over the places and premises that we know."""
