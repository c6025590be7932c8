"""The JSON API of this slice."""

from rest_framework.routers import SimpleRouter


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
