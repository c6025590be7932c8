"""Pages that compose several packages."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Home, global search box, demo world."""

    name = "ofx.portal"
    label = "portal"
    verbose_name = "Portal"
