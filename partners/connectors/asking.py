"""One TM Forum call that somebody waits for, beside the message spine: the three kinds of bad ends told apart.

`Refused`: the partner said no, nothing has changed. `NotDone`: it was not reached, nothing has changed.
`Unclear`: it may have been done; look it up by our key before anything else is asked.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from ofx.core import outbound
from partners.connectors.tmf622.calls import document, words

T = TypeVar("T")


class Refused(Exception):
    """The partner said no; the text is its own."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class NotDone(Exception):
    """The partner was not reached, or cannot work now: nothing has changed there."""


class Unclear(Exception):
    """No answer, or one that says nothing: it may have been done."""


def call(endpoint: Any, api: str, method: str, path: str, body: dict[str, Any] | None = None, *, seconds: float) -> Any:
    """The JSON answer of one of the endpoint's `services`, waited for at most `seconds` (less where the endpoint
    says so). Raises Refused, NotDone or Unclear."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {endpoint.token}"}
    if body is not None:
        headers["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
    try:
        reply = outbound.request(
            method,
            f"{endpoint.services[api].rstrip('/')}/{path}",
            headers=headers,
            body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            timeout=min(seconds, float(endpoint.timeout_seconds)),
        )
    except outbound.NotSent as error:
        raise NotDone(str(error)) from error
    except outbound.Unanswered as error:
        raise Unclear(str(error)) from error
    return _judged(reply)


def look_up(
    endpoint: Any, api: str, collection: str, make: Callable[[Any], T], *, ref: str, key: str, seconds: float
) -> T | None:
    """One of the collection by the partner's id, else by our key, as `make` reads it; None where it is not there.

    A read changes nothing, so that every other bad end, `make`'s Unclear included, is NotDone.
    """
    path = f"{collection}/{quote(ref, safe='')}" if ref else f"{collection}?{urlencode({'externalId': key})}"
    try:
        found = call(endpoint, api, "GET", path, seconds=seconds)
        if not ref:
            found = _ours(found, key)
        return None if found is None else make(found)
    except Refused as error:
        if error.status == 404:
            return None
        raise NotDone(str(error)) from error
    except Unclear as error:
        raise NotDone(str(error)) from error


def serves(endpoint: Any, api: str) -> bool:
    """Whether this partner's system speaks that API, and may be called now."""
    return bool(endpoint is not None and endpoint.services.get(api) and endpoint.state == "active")


def moment(value: Any) -> datetime | None:
    """A partner's date-time in UTC (UTC too where it names no zone); None for anything else."""
    try:
        found = datetime.fromisoformat(str(value))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _ours(rows: Any, key: str) -> dict[str, Any] | None:
    # A server may ignore a filter that it does not know and return everything.
    given = [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    return next((one for one in given if one.get("externalId") == key and one.get("id")), None)


def _judged(reply: outbound.Reply) -> Any:
    if reply.status in (401, 403, 408, 425, 429, 503):
        raise NotDone(words(reply))
    if reply.status >= 500:
        raise Unclear(words(reply))
    if not 200 <= reply.status < 300:
        raise Refused(words(reply), reply.status)
    found = document(reply)
    if found is None:
        raise Unclear("the answer is 2xx but not JSON: whether it was done is unknown")
    return found
