"""Compensation's place in the rail."""

from ofx.core.ui.navigation import register

register("Compensation", "currency-pound", "compensation-terms", position=67, kinds=("service_provider",))
