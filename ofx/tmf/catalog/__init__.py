"""TMF620 Product Catalog v4: what operators sell, at this tenant's prices. Read only."""
