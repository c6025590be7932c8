"""This package's places in the rail."""

from ofx.core.ui.navigation import register

STAFF = ("service_provider", "operator", "exchange")

register("Operators", "building-store", "operators", position=40, kinds=STAFF)
register("Agreements", "file-text", "agreements", position=42, kinds=STAFF)
register("Reach", "world", "reach", position=44, kinds=("service_provider",))
register("Coverage", "map", "coverage", position=45, kinds=STAFF)
register("Messages", "messages", "messages", position=50, kinds=("service_provider", "exchange"))
