"""The day's digest by e-mail."""
