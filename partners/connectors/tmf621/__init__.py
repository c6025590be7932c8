"""Partners and customers whose tickets are told by TMF621 v4."""
