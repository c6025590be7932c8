"""Search in the rail."""

from ofx.core.ui.navigation import register

register("Search", "search", "search", position=10, kinds=("service_provider", "exchange", "operator"))
