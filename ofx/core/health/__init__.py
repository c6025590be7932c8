"""Which parts of the system are alive."""
