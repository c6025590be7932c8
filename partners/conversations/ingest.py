"""Store what comes in, exactly as it came, before anybody looks into it (HUB 3.1)."""

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest

from ofx.core.celery_wake import wake
from ofx.core.tracing import stored
from partners.connectors.base import Polled
from partners.conversations.models import Endpoint, Message

REJECTED_BYTES = 4096  # what is kept of a payload that we refuse
REJECTED_PER_MINUTE = 60  # so many refusals of one endpoint are recorded; a flood is counted in the log only
READ_INBOX = "partners.conversations.tasks.read_inbox"
HIDDEN = ("authorization", "cookie", "proxy-authorization", "x-csrftoken")
MASK = "••••"
_MINUTE = timedelta(minutes=1)


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers for the record: names lower case, secrets masked, nothing that a database cannot hold."""
    return {
        name.lower()[:80]: MASK if name.lower() in HIDDEN else value.replace("\x00", "")[:1000]
        for name, value in list(headers.items())[:60]
    }


def source_of(request: HttpRequest) -> str | None:
    """The caller's address; behind N trusted proxies the Nth from the right of X-Forwarded-For."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    text = hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def body_key(raw: bytes) -> str:
    """The dedupe key of a payload that names none."""
    return f"body:{hashlib.sha256(raw).hexdigest()}"


def event_key(event_id: str) -> str:
    """The dedupe key of an event id."""
    return f"event:{event_id}" if len(event_id) <= 100 else f"event:{hashlib.sha256(event_id.encode()).hexdigest()}"


def store(
    *, endpoint: Endpoint, raw: bytes, headers: dict[str, str], dedupe_key: str, verb: str, at: datetime, **more: Any
) -> Message:
    """Store one payload once: the same key again becomes a `duplicate` that points to the first."""
    row = Message(
        organisation_id=more.pop("organisation_id", endpoint.organisation_id),
        endpoint=endpoint,
        direction="in",
        state="stored",
        verb=verb,
        raw=raw,
        headers={**headers, **stored()},
        dedupe_key=dedupe_key,
        created_at=at,
        next_attempt_at=Now(),
        **more,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return _duplicate(row, at)
    row.next_attempt_at = at
    transaction.on_commit(lambda: wake(READ_INBOX), robust=True)
    return row


def _duplicate(row: Message, at: datetime) -> Message:
    first = known(row.endpoint_id, row.dedupe_key)
    row.state, row.ended_at, row.next_attempt_at = "duplicate", at, None
    row.caused_by = first
    row.organisation_id = first.organisation_id if first else row.organisation_id
    row.leg_id = first.leg_id if first else None
    row.reason = f"the same as message {first.pk}" if first else "seen before"
    row.save()
    return row


def known(endpoint_id: int, dedupe_key: str) -> Message | None:
    """The message that holds this key."""
    rows = Message.objects.filter(endpoint_id=endpoint_id, dedupe_key=dedupe_key, direction="in")
    return rows.exclude(state__in=["duplicate", "rejected"]).first()


def reject(*, endpoint: Endpoint, raw: bytes, headers: dict[str, str], why: str, at: datetime, **more: Any) -> None:
    """Record a refused payload with its reason; of the body only the beginning is kept."""
    recent = Message.objects.filter(endpoint=endpoint, state="rejected", created_at__gt=at - _MINUTE)
    if recent.order_by("-created_at")[:REJECTED_PER_MINUTE].count() >= REJECTED_PER_MINUTE:
        return
    Message.objects.create(
        organisation_id=endpoint.organisation_id,
        endpoint=endpoint,
        direction="in",
        state="rejected",
        verb=more.pop("verb", "notification"),
        raw=raw[:REJECTED_BYTES],
        headers={**headers, **stored()},
        reason=why,
        created_at=at,
        ended_at=at,
        **more,
    )


def store_polled(endpoint: Endpoint, items: Iterable[Polled], at: datetime) -> int:
    """Store what a poll found; what is known already is no news and leaves no row. Returns how many were new."""
    given = list(items)
    keys = [item.dedupe_key for item in given]
    rows = Message.objects.filter(endpoint=endpoint, direction="in", dedupe_key__in=keys)
    seen = dict(rows.exclude(state__in=["duplicate", "rejected"]).values_list("dedupe_key", F("headers")))
    fresh = 0
    for item in given:
        if item.dedupe_key in seen and (not item.same_if or seen[item.dedupe_key].get("file") == item.same_if):
            continue
        fresh += _store_one(endpoint, item, at)
        seen.setdefault(item.dedupe_key, dict(item.headers))
    return fresh


def _store_one(endpoint: Endpoint, item: Polled, at: datetime) -> int:
    common: dict[str, Any] = {"endpoint": endpoint, "raw": item.raw, "headers": dict(item.headers), "at": at}
    if item.refused:
        reject(why=item.refused, verb=item.verb, **common)
        return 0
    row = store(dedupe_key=item.dedupe_key, verb=item.verb, **common)
    return int(row.state == "stored")
