"""TMF637 Product Inventory v4 over the services that orders made."""
