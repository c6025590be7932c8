"""What every page has in common on its way out: the reader's time zone, the content policy, toasts for htmx."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

Next = Callable[[HttpRequest], HttpResponse]
# Scripts come from our own files only. Inline styles are allowed: the map and the charts place things by them.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
OWN_POLICY = ("/api/v1/docs/",)  # the Swagger page starts itself by an inline script


class PersonalTimeZone:
    """Pages and forms read and write times in the signed-in person's zone; the API speaks UTC."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = _zone(request)
        with timezone.override(zone):
            return self.get_response(request)


def _zone(request: HttpRequest) -> ZoneInfo | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith("/api/"):
        return None
    if not request.user.is_authenticated:
        return None
    try:
        return ZoneInfo(request.user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None


class ContentPolicy:
    """Sends Content-Security-Policy with every page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(OWN_POLICY):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class HtmxToasts:
    """Adds the messages of an htmx request to its answer, so that a toast needs no page load."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "htmx", None) and _is_part(response):
            messages = list(get_messages(request))
            if messages:
                toasts = render_to_string("components/toasts_oob.html", {"messages": messages}, request)
                response.content += toasts.encode()
        return response


def _is_part(response: HttpResponse) -> bool:
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return html and response.status_code == 200 and not response.streaming and "HX-Redirect" not in response.headers
