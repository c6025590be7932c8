"""360° pages: everything about a customer, a site, a service, an operator in one place."""
