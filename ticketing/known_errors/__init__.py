"""The known error database (DOMAIN 9.1)."""
