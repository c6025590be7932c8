"""The portal's places in the rail."""

from ofx.core.ui.navigation import register

register("Today", "home", "home", position=0)
register("Customers", "users", "customers", position=65, kinds=("service_provider", "exchange"))
