"""Requests that no worker was woken for, and copies whose time is over. Loads the kernel's own part, too."""

from importlib import import_module

from ofx.core.clock import now
from ofx.core.personal.actions import work_due
from ofx.core.sweeps import sweep

import_module("ofx.core.personal.own")


@sweep("personal")
def personal() -> int:
    """Do what is due."""
    return work_due(at=now())
