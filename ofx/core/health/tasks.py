"""The worker's heartbeat. No task: a task would need a living scheduler to say that the worker lives.

It runs in the event loop of the worker's main process: a worker that hangs or lost its broker is silent.
"""

from typing import Any

from celery.signals import worker_ready

from ofx.core.health.actions import beat

EVERY_SECONDS = 3.0
_timer: Any = None


@worker_ready.connect(weak=False)
def start_heartbeat(sender: Any, **kwargs: Any) -> None:
    """Beat now and every three seconds. Celery calls this again after each reconnection to the broker."""
    global _timer
    if _timer is not None:
        _timer.cancel()
    beat(part="worker")
    _timer = sender.timer.call_repeatedly(EVERY_SECONDS, beat, kwargs={"part": "worker"})
