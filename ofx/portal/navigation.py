"""The portal's places in the rail."""

from ofx.core.ui.navigation import register

register("Today", "home", "home", position=0)
