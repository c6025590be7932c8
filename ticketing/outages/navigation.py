"""Outages in the rail."""

from ofx.core.ui.navigation import register

register("Outages", "alert-triangle", "outages", position=33, kinds=("service_provider", "exchange"))
