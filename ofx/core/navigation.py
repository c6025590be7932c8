"""The kernel in the rail: people and audit, for administrators."""

from ofx.core.ui.navigation import register

register("People", "user-check", "people", position=85, roles=("admin",))
register("Audit", "history", "audit", position=90, roles=("admin", "governance"))
