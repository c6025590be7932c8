"""What every request carries: an id that its log lines share, and a line and a measurement of its own at the end."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from ofx.core.health import latency
from ofx.core.tracing import HEADER, bound, given_or_new

log = logging.getLogger(__name__)
Next = Callable[[HttpRequest], HttpResponse]
QUIET = {"healthz", "metrics"}  # asked every few seconds by machines


class RequestContext:
    """Gives the request an id (`X-Request-ID`, echoed) and binds it to every log line written meanwhile."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = given_or_new(request.headers.get(HEADER, ""))
        request.request_id = request_id  # type: ignore[attr-defined]  # the 500 page shows it
        with bound(request_id=request_id):
            response = self.get_response(request)
        response.headers[HEADER] = request_id
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """No record is named with a NUL byte, and the database refuses to be asked for one."""
        if any("\x00" in value for value in kwargs.values() if isinstance(value, str)):
            raise Http404("There is no such record.")


class RequestLatency:
    """Measures each request and writes a line of it: the URL's pattern, never the address, which may hold secrets."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        match = request.resolver_match
        view = match.view_name if match else ""
        latency.note(view, request.method or "", response.status_code, seconds)
        if view not in QUIET:
            _tell(request, match.route if match else "", response.status_code, seconds)
        return response


def _tell(request: HttpRequest, route: str, status: int, seconds: float) -> None:
    user: Any = getattr(request, "_cached_user", None)  # as far as it was asked for: a log line costs no query
    known = {"route": route, "method": request.method, "status": status, "ms": round(1000 * seconds, 1)}
    log.info("request", extra={**known, "user": user.pk if user is not None else None})
