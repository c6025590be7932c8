"""Guides in the rail."""

from ofx.core.ui.navigation import register

register("Get help", "help", "help", position=5, kinds=("customer",))
register("Guides", "route", "guides", position=36, kinds=("service_provider", "exchange"))
