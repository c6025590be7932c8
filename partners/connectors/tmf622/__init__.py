"""TMF622 v4 Product Ordering, as a client and as a listener."""
