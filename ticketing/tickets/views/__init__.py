"""Staff pages of tickets."""
