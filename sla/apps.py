"""Governance reads orders and tickets, and changes neither."""

from importlib import import_module

from django.apps import AppConfig


class SlaConfig(AppConfig):
    """What is owed to customers."""

    name = "sla"
    verbose_name = "Governance"

    def ready(self) -> None:
        """Let the slice register its place in the rail and what it holds on persons."""
        import_module("sla.compensation.navigation")
