"""The demonstration world: invented companies and people on real postcodes, the same for the same seed and day.

A step is a module with `LABEL` and `run(demo: Demo) -> str` (what it made, in a few words). Steps are idempotent: they
look for what they made before. A new capability adds a module and its name to STEPS.
"""

from importlib import import_module

from ofx.portal.demo.base import Demo, DemoError, Step

STEPS = (
    "world",
    "operators",
    "agreements",
    "coverage",
    "offers",
    "endpoints",
    "orders",
    "visits",
    "live",
    "faults",
    "outages",
    "knowledge",
    "guides",
    "self_service",
    "compensation",
)


def steps() -> list[Step]:
    """The step modules in order."""
    return [import_module(f"ofx.portal.demo.{name}") for name in STEPS]  # type: ignore[misc]


__all__ = ["STEPS", "Demo", "DemoError", "Step", "steps"]
