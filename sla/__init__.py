"""Governance: what is promised, what is owed. Reads everything below; nobody below imports it."""
