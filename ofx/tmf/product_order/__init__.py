"""TMF622 Product Ordering, v4 and v5, over our orders."""
