"""TMF648 Quote v4: an offer at a place, priced, held for some days."""
