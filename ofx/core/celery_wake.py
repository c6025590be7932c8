"""Ring the broker's bell; never fail and never wait because of it (HUB 4.3)."""

import logging
import time
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
_quiet_until = 0.0  # after a failure this process does not try again for a moment: the sweep finds the rows


def wake(task: str, *args: Any) -> bool:
    """Send a wake-up task by name. Returns False, counted in the log, where the broker cannot be reached."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        _quiet_until = time.monotonic() + 2.0
        log.warning("wake-up not sent: the sweep will find the work", extra={"task": task, "error": repr(error)})
        return False
    return True
