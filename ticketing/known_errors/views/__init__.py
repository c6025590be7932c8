"""Pages of known errors."""
