"""Governance reads orders and tickets, and changes neither."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SlaConfig(AppConfig):
    """What is owed to customers."""

    name = "sla"
    verbose_name = "Governance"

    def ready(self) -> None:
        """Let the slice register its place in the rail and what it holds on persons; ship the public rates."""
        import_module("sla.compensation.navigation")
        post_migrate.connect(import_module("sla.compensation.shipped").ship_rates, sender=self)
