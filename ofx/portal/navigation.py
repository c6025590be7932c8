"""The portal's places in the rail."""

from ofx.core.ui.navigation import register

register("Today", "home", "home", position=0, kinds=("service_provider", "exchange", "customer"))
register("To answer", "home", "partner-home", position=0, kinds=("operator",))
register("Orders", "package", "partner-orders", position=20, kinds=("operator",))
register("Faults", "ticket", "partner-faults", position=10, kinds=("operator",))
register("History", "history", "partner-history", position=30, kinds=("operator",))
register("Connections", "plug", "my-services", position=10, kinds=("customer",))
register("Faults", "ticket", "my-faults", position=12, kinds=("customer",))
register("My orders", "package", "my-orders", position=20, kinds=("customer",))
register("Complaints", "scale", "complaints", position=34, kinds=("customer", "service_provider", "exchange"))
register("Widget", "world", "widget", position=92, kinds=("service_provider",), roles=("admin",))
register("Customers", "users", "customers", position=65, kinds=("service_provider", "exchange"))
