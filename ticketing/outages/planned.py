"""Planned work whose window is over ends by itself: its children are tested like any other's."""

from datetime import datetime

from ticketing.outages.actions import clear, reject
from ticketing.outages.models import Outage


def end_windows(*, at: datetime) -> int:
    """Clear approved works after their window, drop those that nobody approved. Returns how many."""
    over = Outage.objects.filter(planned=True, window_end__lte=at, state__in=["candidate", "open"])[:50]
    for outage in over:
        if outage.state == "candidate":
            reject(outage=outage, actor=None, at=at, why="Its window passed before anybody approved it.")
        else:
            clear(
                outage=outage, actor=None, at=at, public_text="The planned work is done.", cleared_at=outage.window_end
            )
    return len(over)
