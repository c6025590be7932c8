"""TMF653: serviceTest, for providers' and customers' tools."""
