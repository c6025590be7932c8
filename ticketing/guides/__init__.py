"""Guided troubleshooting: versioned decision guides and their runs (DOMAIN 9.2)."""
