"""Planned work whose window is over ends by itself: its children are tested like any other's."""

from datetime import datetime
from functools import partial

from ofx.core.sweeps import each
from ticketing.outages.actions import clear, reject
from ticketing.outages.models import Outage


def end_windows(*, at: datetime) -> int:
    """Clear approved works after their window, drop those that nobody approved. Returns how many."""
    over = Outage.objects.filter(planned=True, window_end__lte=at, state__in=["candidate", "open"])
    return each(list(over.order_by("window_end", "pk")[:50]), partial(_end, at=at))


def _end(outage: Outage, *, at: datetime) -> bool:
    if outage.state == "candidate":
        reject(outage=outage, actor=None, at=at, why="Its window passed before anybody approved it.")
    else:
        clear(outage=outage, actor=None, at=at, public_text="The planned work is done.", cleared_at=outage.window_end)
    return True
