"""Known errors in the rail."""

from ofx.core.ui.navigation import register

register("Knowledge", "book", "known-errors", position=38, kinds=("service_provider", "exchange"))
