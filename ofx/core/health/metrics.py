"""`GET /metrics` for Prometheus: with the token, or without one from this machine only."""

import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ofx.core.health import latency
from ofx.core.health.gauges import Rows

_rows = Rows()
FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Every number in Prometheus' text format."""
    if not _allowed(request):
        text = "Send `Authorization: Bearer` with OFX_METRICS_TOKEN; without that setting only this machine may ask.\n"
        return HttpResponse(text, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    waiting = latency.CollectorRegistry()
    waiting.register(_rows)
    found = generate_latest(latency.registry()) + generate_latest(waiting)
    return HttpResponse(found, content_type=CONTENT_TYPE_LATEST)


def _allowed(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy on this machine everybody seems to be here; a proxy says for whom it asks.
    if any(request.headers.get(name) for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
