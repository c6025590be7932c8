"""Faults in the rail; hand-over, mail and set-up are reached from the board."""

from ofx.core.ui.navigation import register

STAFF = ("service_provider", "exchange")
register("Faults", "ticket", "ticket-board", position=30, kinds=STAFF)
register("Tickets", "list", "tickets", position=31, kinds=STAFF)
