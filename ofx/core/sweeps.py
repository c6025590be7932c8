"""Due work is found by sweeps over rows; two drivers: the scheduler, and `manage.py sweep` when there is no broker.

A package registers its sweeps in its own sweeps.py: `@sweep("name")`; settings.SWEEPS says how often each runs.
"""

import logging
import zlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import connection, transaction

from ofx.core.events.actions import handle_due

log = logging.getLogger(__name__)
T = TypeVar("T")
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


def each(things: Iterable[T], work: Callable[[T], object]) -> int:
    """Work on each thing in a transaction of its own; one that fails is logged, tried again with the next sweep, and
    holds up no other. Returns for how many `work` gave something true."""
    done = 0
    for thing in things:
        try:
            with transaction.atomic():
                done += bool(work(thing))
        except Exception:  # a defect about one row must not stop what is due about the others
            log.exception("due work failed", extra={"work": repr(work), "thing": str(thing)})
    return done


@sweep("events")
def events() -> int:
    """Run event subscribers that were not dispatched, or whose pause after a failure is over."""
    return handle_due()
