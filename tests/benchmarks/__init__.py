"""How fast the product is, measured beside the bare thing that does the same job. `make bench` runs them all."""
