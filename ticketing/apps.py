"""Faults: a ticket is about an ordered service, about a place, or about nothing yet."""

from django.apps import AppConfig


class TicketingConfig(AppConfig):
    """Tickets, known errors, guides and outages."""

    name = "ticketing"
    verbose_name = "Ticketing"
