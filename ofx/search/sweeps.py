"""Due work of search, found by rows alone: the same functions that the wake-up tasks call (HUB 4.3)."""

from ofx.core.celery_wake import wake
from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ofx.search.bulk import running
from ofx.search.live import asking


@sweep("live")
def ask() -> int:
    """Ring for what is due; ask here where no broker hears the bell. End what nobody answered."""
    done = 0
    for endpoint_id in asking.due_endpoints():
        if not wake("ofx.search.live.tasks.ask", endpoint_id):
            done += asking.drain(endpoint_id, now, budget=5.0)
    at = now()
    return done + asking.expire(at) + asking.forget(at)


@sweep("bulk")
def qualify_files() -> int:
    """Files of places that wait, or whose worker died."""
    return running.sweep(now)
