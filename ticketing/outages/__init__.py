"""Outages: the mother of many tickets (DOMAIN 9.3, TMF656)."""
