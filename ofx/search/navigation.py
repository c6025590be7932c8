"""Search in the rail."""

from ofx.core.ui.navigation import register

register("Bulk", "list", "bulk", position=12, kinds=("service_provider",))
register("Search", "search", "search", position=10, kinds=("service_provider", "exchange", "operator"))
