"""TMF679 Product Offering Qualification and TMF645 Service Qualification v4: the answer of search, kept."""
