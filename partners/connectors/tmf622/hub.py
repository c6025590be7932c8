"""Our subscription at the partner: reconciled, never appended (HUB 8.2)."""

from typing import Any

from ofx.core import outbound
from partners.connectors.base import EndpointLike, NotReached
from partners.connectors.tmf622.calls import call, document, read, words

WANTED = ""  # every event: a partner's own names for order events are not ours to guess


def subscribe(endpoint: EndpointLike, callback: str) -> str:
    """Make sure that exactly one subscription points to our callback. Returns its id, or "" where the partner
    sends no notifications. Raises NotReached."""
    try:
        reply = call(endpoint, "POST", "hub", {"callback": callback, "query": WANTED})
    except (outbound.NotSent, outbound.Unanswered) as error:
        raise NotReached(str(error)) from error
    if reply.status in (404, 405, 501):
        return ""
    found: Any = document(reply)
    if reply.status == 409:
        return _existing(endpoint, found, callback)
    if not 200 <= reply.status < 300 or not isinstance(found, dict) or not found.get("id"):
        raise NotReached(words(reply), status=reply.status)
    return str(found["id"])[:80]


def _existing(endpoint: EndpointLike, refusal: Any, callback: str) -> str:
    reference = str(refusal.get("referenceError") or "") if isinstance(refusal, dict) else ""
    if reference:
        return reference.rstrip("/").rpartition("/")[2][:80]
    hubs, _ = read(endpoint, "hub")
    for hub in hubs if isinstance(hubs, list) else []:
        if isinstance(hub, dict) and hub.get("callback") == callback:
            return str(hub.get("id"))[:80]
    raise NotReached("the partner says that we are subscribed already, but not how")


def unsubscribe(endpoint: EndpointLike) -> None:
    """Take our subscription back; one that is gone already is fine. Raises NotReached."""
    if endpoint.hub_id in ("", "none"):
        return
    try:
        reply = call(endpoint, "DELETE", f"hub/{endpoint.hub_id}")
    except (outbound.NotSent, outbound.Unanswered) as error:
        raise NotReached(str(error)) from error
    if reply.status not in (200, 202, 204, 404):
        raise NotReached(words(reply), status=reply.status)
