"""Tickets: one fault of one customer, its legs at partners, tests, notes and waits."""
