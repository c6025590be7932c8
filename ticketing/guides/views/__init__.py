"""Pages of guides: for customers, for the desk, for those who write them."""
