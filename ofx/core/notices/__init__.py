"""What people outside the house are told, by which channel, and what of it they want."""
