"""TMF656: serviceProblem, problemGroup and problemUngroup, for providers' and customers' tools."""
