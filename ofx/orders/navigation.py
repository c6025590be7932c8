"""Orders in the rail."""

from ofx.core.ui.navigation import register

STAFF = ("service_provider", "exchange")
register("Orders", "package", "orders", position=20, kinds=STAFF)
register("Board", "layout-board", "order-board", position=25, kinds=STAFF)
register("Services", "plug", "services", position=60, kinds=STAFF)
