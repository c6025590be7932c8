"""The portal's places in the rail."""

from ofx.core.ui.navigation import register

register("Today", "home", "home", position=0, kinds=("service_provider", "exchange", "customer"))
register("To answer", "home", "partner-home", position=0, kinds=("operator",))
register("Orders", "package", "partner-orders", position=20, kinds=("operator",))
register("Faults", "ticket", "partner-faults", position=10, kinds=("operator",))
register("History", "history", "partner-history", position=30, kinds=("operator",))
register("Customers", "users", "customers", position=65, kinds=("service_provider", "exchange"))
