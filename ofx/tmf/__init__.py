"""The TM Forum Open APIs that service providers' own systems call (docs/tmf.md)."""
