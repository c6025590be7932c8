"""Every write about guides and their runs."""
