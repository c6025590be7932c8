"""The JSON API: each slice's viewsets under one router."""

from importlib import import_module

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

# Slices whose api.py registers with `register(router)` and may offer `urlpatterns` of its own.
SLICES = (
    "ofx.search.api",
    "ofx.orders.api",
    "ticketing.tickets.api",
    "ticketing.known_errors.api",
    "ticketing.guides.api",
    "partners.operators.api",
    "partners.agreements.api",
    "partners.coverage.api",
    "partners.conversations.api",
    "ofx.portal.partner.api",
    "ofx.portal.widget.api",
)

router = SimpleRouter()
urlpatterns: list[URLPattern | URLResolver] = []
for name in SLICES:
    slice_api = import_module(name)
    slice_api.register(router)
    urlpatterns += getattr(slice_api, "urlpatterns", [])
urlpatterns += router.urls
