"""Due work is found by sweeps over rows; two drivers: the scheduler, and `manage.py sweep` when there is no broker.

A package registers its sweeps in its own sweeps.py: `@sweep("name")`; settings.SWEEPS says how often each runs.
"""

import logging
import zlib
from collections.abc import Callable

from django.db import connection

from ofx.core.events.actions import handle_due

log = logging.getLogger(__name__)
SWEEPS: dict[str, list[Callable[[], int]]] = {}


def sweep(name: str) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Register a function that does what is due under this name and returns how much it did."""

    def register(function: Callable[[], int]) -> Callable[[], int]:
        SWEEPS.setdefault(name, []).append(function)
        return function

    return register


def run(name: str) -> int | None:
    """Run the named sweep unless another process is at it (advisory lock); None where it is. KeyError if unknown.

    Every function of it runs, whichever fails; the first failure is raised when all are through, each is logged.
    """
    functions = SWEEPS[name]
    key = zlib.crc32(f"ofx-sweep-{name}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            return None
        try:
            return _all(name, functions)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _all(name: str, functions: list[Callable[[], int]]) -> int:
    done, failures = 0, []
    for function in functions:
        try:
            done += function()
        except Exception as error:  # whatever it is, the others are due as well
            log.exception("sweep failed", extra={"sweep": name, "part": function.__name__})
            failures.append(error)
    if failures:
        raise failures[0]
    return done


@sweep("events")
def events() -> int:
    """Run event subscribers that were not dispatched, or whose pause after a failure is over."""
    return handle_due()
