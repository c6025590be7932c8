"""Subscriptions of buyers' systems, and the signed notifications that they get."""
