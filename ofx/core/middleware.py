"""What every request carries: an id that its log lines share."""

import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse


class RequestContext:
    """Gives the request an id (`X-Request-ID`, echoed) and binds it to every log line written meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")[:64]
        request_id = given if given.replace("-", "").isalnum() else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # the 500 page shows it
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        response.headers["X-Request-ID"] = request_id
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """No record is named with a NUL byte, and the database refuses to be asked for one."""
        if any("\x00" in value for value in kwargs.values() if isinstance(value, str)):
            raise Http404("There is no such record.")
