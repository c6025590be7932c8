"""`GET /healthz`, for load balancers, the supervisor and people."""

import time
from http import HTTPStatus
from threading import Lock
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ofx.core.health import queries

# The page is open to everybody: however often it is asked, the parts are asked once a second.
KEEP_SECONDS = 1.0
_lock = Lock()
_last: tuple[float, dict[str, Any]] = (float("-inf"), {})


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every required part is alive, else 503; `down` names those that are not."""
    parts = _recent_parts()
    down = [name for name, part in parts.items() if not part["ok"] and part.get("required", True)]
    status = HTTPStatus.SERVICE_UNAVAILABLE if down else HTTPStatus.OK
    return JsonResponse({"status": "down" if down else "ok", "down": down, **parts}, status=status)


def _recent_parts() -> dict[str, Any]:
    global _last
    with _lock:
        asked, parts = _last
        if time.monotonic() - asked > KEEP_SECONDS:
            parts = queries.parts()
            _last = (time.monotonic(), parts)
        return parts
