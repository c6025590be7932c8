"""TMF621: troubleTicket for providers' and customers' tools, and the operator's face of what was raised with it."""
