"""Partners whose outages are told by TMF656 v4."""
