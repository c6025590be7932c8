"""The fault side of the simulated partners: tickets, service tests, service problems (docs/sandbox.md, Faults)."""
