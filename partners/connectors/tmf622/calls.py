"""One HTTP call to a TMF partner, and what its answer means."""

import json
import math
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from ofx.core import outbound
from partners.connectors.base import NEVER, RETRY, SUCCESS, UNKNOWN, Delivered, EndpointLike, NotReached

DETAIL_LIMIT = 2000


def call(
    endpoint: EndpointLike,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    patch: bool = False,
    query: str = "",
) -> outbound.Reply:
    """One call below the endpoint's base address. Raises outbound.NotSent or outbound.Unanswered."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {endpoint.token}"}
    if body is not None:
        headers["Content-Type"] = "application/merge-patch+json" if patch else "application/json"
    return outbound.request(
        method,
        f"{endpoint.base_url.rstrip('/')}/{path}{query}",
        headers=headers,
        body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
        timeout=float(endpoint.timeout_seconds),
    )


def document(reply: outbound.Reply) -> Any:
    """The JSON of an answer; None where it is none (a 200 with HTML is not an answer)."""
    if reply.truncated:
        return None
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def retry_after(reply: outbound.Reply) -> float | None:
    """Seconds that the partner asks us to wait, from a number or a date; None where it does not say."""
    value = reply.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, when.timestamp() - time.time())


def words(reply: outbound.Reply) -> str:
    """What a refusal says, for people: the partner's own text where there is any."""
    found = document(reply)
    if isinstance(found, dict):
        parts = [str(found.get(name) or "") for name in ("code", "reason", "message")]
        text = ": ".join(part for part in parts if part)
        if text:
            return f"HTTP {reply.status}: {text}"[:DETAIL_LIMIT]
    return f"HTTP {reply.status}: {reply.body[:500].decode('utf-8', 'replace')}".replace("\x00", "")[:DETAIL_LIMIT]


FAULTS = {401: "auth", 403: "auth", 404: "gone", 410: "gone", 429: "slow", 503: "slow"}


def judged(reply: outbound.Reply, *, creating: bool) -> Delivered:
    """An answer outside 2xx as an outcome (HUB items 19 and 21). 5xx of a gateway may hide a commit: unknown."""
    fault = FAULTS.get(reply.status, "down" if reply.status >= 500 else "")
    if creating and fault == "gone":
        fault = ""  # a wrong address, not a lost record
    outcome = NEVER
    if reply.status in (429, 503, 408, 425) or fault == "auth":
        outcome = RETRY
    elif reply.status >= 500:
        outcome = UNKNOWN
    return Delivered(outcome, reply.status, detail=words(reply), retry_after=retry_after(reply), fault=fault)


def failed(error: Exception) -> Delivered:
    """A call that got no answer at all."""
    if isinstance(error, outbound.Forbidden):
        return Delivered(RETRY, detail=str(error), fault="down")
    if isinstance(error, outbound.NotSent):
        return Delivered(RETRY, detail=str(error), fault="down")
    return Delivered(UNKNOWN, detail=str(error), fault="down")


def read(endpoint: EndpointLike, path: str, query: str = "") -> tuple[Any, outbound.Reply]:
    """GET a JSON document. Raises NotReached for anything but a readable 2xx."""
    try:
        reply = call(endpoint, "GET", path, query=query)
    except (outbound.NotSent, outbound.Unanswered) as error:
        raise NotReached(str(error)) from error
    if not 200 <= reply.status < 300:
        fault = FAULTS.get(reply.status, "down")
        raise NotReached(words(reply), fault, reply.status, retry_after(reply))
    found = document(reply)
    if found is None:
        raise NotReached(
            f"the answer is not JSON ({reply.headers.get('content-type', 'no type')})", "down", reply.status
        )
    return found, reply


def accepted(external_id: str, echo: Any, status: int, differences: list[dict[str, Any]]) -> Delivered:
    """A call that was done."""
    return Delivered(SUCCESS, status, external_id=external_id, echo=echo, differences=differences)
