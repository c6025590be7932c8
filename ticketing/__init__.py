"""Tickets, known errors, guides and outages: faults, from the first complaint to the last customer told."""
