"""The inbound door: 404 without a trace, 413, 401, else 2xx whatever it holds (HUB 0)."""

import hmac
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from standardwebhooks import Webhook

from ofx.core.clock import now
from partners.conversations.ingest import body_key, event_key, kept_headers, reject, source_of, store
from partners.conversations.models import Endpoint

NOT_HERE = {"code": "404", "reason": "Not found"}


@csrf_exempt  # callers are machines: the unguessable key and the signature take the place of a session
def hook(request: HttpRequest, inbound_key: str, rest: str = "") -> HttpResponse:
    """POST /hooks/<inbound_key>/…: verify, store raw, answer. Nothing is parsed here."""
    endpoint = Endpoint.objects.filter(inbound_key=inbound_key).first()
    if endpoint is None:
        return JsonResponse(NOT_HERE, status=404)
    if request.method != "POST":
        return JsonResponse({"code": "405", "reason": "Only POST"}, status=405, headers={"Allow": "POST"})
    return _received(request, endpoint, now())


def _received(request: HttpRequest, endpoint: Endpoint, at: datetime) -> HttpResponse:
    limit = settings.INBOUND_MAX_BYTES
    try:
        raw = request.read(limit + 1)
    except OSError:  # the caller went away in the middle: it will send again
        return JsonResponse({"code": "400", "reason": "The body was not received whole"}, status=400)
    headers = kept_headers(request.headers)
    common: dict[str, Any] = {
        "endpoint": endpoint,
        "raw": raw,
        "headers": headers,
        "at": at,
        "source_ip": source_of(request),
    }
    if len(raw) > limit or _announced(request) > limit:
        reject(why=f"the body is larger than {limit:,} bytes", **common)
        return JsonResponse({"code": "413", "reason": f"At most {limit} bytes"}, status=413)
    refusal = refused(endpoint, raw, request)
    if refusal:
        reject(why=refusal, **common)
        return JsonResponse({"code": "401", "reason": refusal}, status=401)
    event_id = (request.headers.get("webhook-id") or "").replace("\x00", "")
    key = event_key(event_id) if event_id else body_key(raw)
    row = store(dedupe_key=key, verb="notification", **common)
    return JsonResponse({"id": str(row.pk)}, status=201)


def _announced(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isdigit() and len(text) < 16 else 0


def refused(endpoint: Endpoint, raw: bytes, request: HttpRequest) -> str:
    """Why the caller is not believed; empty where it is. Compared in constant time, over the raw bytes."""
    secret = endpoint.inbound_secret
    if not secret:
        return ""
    if secret.startswith("whsec_"):
        try:
            Webhook(secret).verify(raw, dict(request.headers), json_parse=False)
        except Exception:  # the library fails on hostile headers in many ways; each of them means no
            return "the signature is missing, wrong or too old"
        return ""
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {secret}"
    right = hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
    return "" if right else "the bearer token is missing or wrong"
