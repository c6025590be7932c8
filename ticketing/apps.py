"""Faults: a ticket is about an ordered service, about a place, or about nothing yet."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

SLICES = ("tickets", "known_errors", "guides", "outages")
REGISTRIES = ("subscribers", "sweeps", "watching", "personal", "metrics", "navigation")


class TicketingConfig(AppConfig):
    """Tickets, known errors, guides and outages."""

    name = "ticketing"
    verbose_name = "Ticketing"

    def ready(self) -> None:
        """Let each slice register its own subscribers, sweeps and the like, as a package of its own would."""
        for slice_ in SLICES:
            for part in REGISTRIES:
                name = f"ticketing.{slice_}.{part}"
                if find_spec(name):
                    import_module(name)
