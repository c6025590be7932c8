"""Wait for live answers, bounded in time and in how many wait at once: a few threads serve everybody."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from ofx.core.models import Organisation
from ofx.search.live.queries import known
from ofx.search.places import Spot

DEFAULT_WAIT = 3.0
STEP = 0.15
MOST_WAITING = 2  # in one web process
_places = threading.BoundedSemaphore(MOST_WAITING)


def wait(organisation: Organisation, spot: Spot, clock: Callable[[], datetime], seconds: float) -> bool:
    """Until nobody is being asked any more, at most so long. False where answers are still to come."""
    if seconds <= 0 or not _places.acquire(blocking=False):
        return False
    try:
        until = time.monotonic() + seconds
        while any(one.state == "asking" for one in known(organisation, spot, clock()).values()):
            if time.monotonic() + STEP > until:
                return False
            time.sleep(STEP)
        return True
    finally:
        _places.release()
