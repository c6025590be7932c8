"""Operators without a system of their own: their orders stand in the partner portal, and a mail tells of them."""
