"""Pages of people: signing in, one's own account, and what an administrator does."""
