"""Who the operators are and how to talk to anybody."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Operators, coverage, connectors, mapping and conversations."""

    name = "partners"
    verbose_name = "Partners"
