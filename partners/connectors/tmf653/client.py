"""TMF653 v4 as a client: start a test of a service, look at it later. Calls that somebody waits for: short time-outs.

The bad ends are those of connectors/tmf646: `Refused` (the partner said no, nothing has started), `NotDone` (it was not
reached, nothing has started), `Unclear` (it may have started: look it up by our key before it is asked again).
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from ofx.core import outbound
from partners.connectors.tmf622.calls import document, words
from partners.connectors.tmf646.client import NotDone, Refused, Unclear

TIMEOUT_SECONDS = 8.0
MOST_MEASURES = 60
API = "tmf653"
STATES = {
    "acknowledged": "acknowledged",
    "inProgress": "in_progress",
    "running": "in_progress",
    "completed": "completed",
    "done": "completed",
    "failed": "failed",
    "terminatedWithError": "failed",
    "rejected": "failed",
    "cancelled": "cancelled",
}
COLOURS = ("green", "amber", "red")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A test to be run. `key`: ours, stamped on it. `consent`: who agreed to a disruptive test, and when (R19)."""

    key: str
    service_ref: str
    kind: str = "line"
    consent: str = ""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measured value in the partner's words."""

    name: str
    value: str
    unit: str = ""
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A test as it lies at the partner. `state` in our words (ServiceTest.State), empty for a word that we do not
    know; `colour` empty until it is done. `problem`: the partner's id of a known incident."""

    ref: str
    key: str
    state: str
    colour: str = ""
    code: str = ""
    text: str = ""
    measures: list[Measure] = field(default_factory=list)
    stale: bool = False
    problem: str = ""
    ended_at: datetime | None = None
    raw_state: str = ""
    raw_colour: str = ""


def start(endpoint: Any, wish: Wish) -> Found:
    """Ask for a test under our key. Raises Refused (its words say what is missing, such as consent), NotDone or
    Unclear."""
    body: dict[str, Any] = {
        "externalId": wish.key,
        "name": f"Test {wish.key}"[:100],
        "mode": "ONDEMAND",
        "relatedService": {"id": wish.service_ref, "@referredType": "Service"},
        "testSpecification": {"id": wish.kind, "@referredType": "ServiceTestSpecification"},
        "@type": "ServiceTest",
    }
    if wish.consent:
        body["characteristic"] = [{"name": "consent", "value": wish.consent[:300]}]
    return _found(_call(endpoint, "POST", "serviceTest", body))


def look(endpoint: Any, ref: str, key: str = "") -> Found | None:
    """The test by the partner's id, else by our key; None where it is not there. Raises NotDone."""
    path = f"serviceTest/{quote(ref, safe='')}" if ref else "serviceTest?" + urlencode({"externalId": key})
    try:
        found = _call(endpoint, "GET", path, None)
        if ref:
            return _found(found)
    except Refused as error:
        if error.status == 404:
            return None
        raise NotDone(str(error)) from error
    except Unclear as error:
        raise NotDone(str(error)) from error
    # A server may ignore a filter that it does not know and return everything.
    rows = found if isinstance(found, list) else []
    ours = [row for row in rows if isinstance(row, dict) and row.get("externalId") == key and row.get("id")]
    return _found(ours[0]) if ours else None


def cancel(endpoint: Any, ref: str) -> Found:
    """Take a test back that has not ended. Raises Refused, NotDone or Unclear."""
    return _found(_call(endpoint, "PATCH", f"serviceTest/{quote(ref, safe='')}", {"state": "cancelled"}))


def serves(endpoint: Any) -> bool:
    """Whether this partner's system runs tests, and may be called now."""
    return bool(endpoint is not None and endpoint.services.get(API) and endpoint.state == "active")


def _call(endpoint: Any, method: str, path: str, body: dict[str, Any] | None) -> Any:
    headers = {"Accept": "application/json", "Authorization": f"Bearer {endpoint.token}"}
    if body is not None:
        headers["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
    try:
        reply = outbound.request(
            method,
            f"{endpoint.services[API].rstrip('/')}/{path}",
            headers=headers,
            body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            timeout=min(TIMEOUT_SECONDS, float(endpoint.timeout_seconds)),
        )
    except outbound.NotSent as error:
        raise NotDone(str(error)) from error
    except outbound.Unanswered as error:
        raise Unclear(str(error)) from error
    return _judged(reply)


def _judged(reply: outbound.Reply) -> Any:
    if reply.status in (401, 403, 408, 425, 429, 503):
        raise NotDone(words(reply))
    if reply.status >= 500:
        raise Unclear(words(reply))
    if not 200 <= reply.status < 300:
        raise Refused(words(reply), reply.status)
    found = document(reply)
    if found is None:
        raise Unclear("the answer is 2xx but not JSON: whether the test was started is unknown")
    return found


def _found(row: Any) -> Found:
    if not isinstance(row, dict) or not row.get("id"):
        raise Unclear("the answer is 2xx but holds no test: whether it was started is unknown")
    told = {str(one.get("name")): one.get("value") for one in _rows(row, "characteristic")}
    raw_state, raw_colour = _text(row.get("state"), 40), _text(told.get("colour"), 20)
    colour = raw_colour.lower()
    return Found(
        ref=_text(row["id"], 120),
        key=_text(row.get("externalId"), 80),
        state=STATES.get(raw_state, ""),
        colour=colour if colour in COLOURS else "",
        code=_text(told.get("code"), 60),
        text=_text(told.get("text"), 500) or _text(row.get("description"), 500),
        measures=[_measure(one) for one in _rows(row, "testMeasure")[:MOST_MEASURES]],
        stale=str(told.get("stalePort", "")).lower() == "true",
        problem=_text(told.get("problem"), 120),
        ended_at=_moment(row.get("endDateTime")),
        raw_state=raw_state,
        raw_colour=raw_colour,
    )


def _rows(row: dict[str, Any], name: str) -> list[dict[str, Any]]:
    given = row.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _measure(row: dict[str, Any]) -> Measure:
    value = row.get("value")
    return Measure(
        name=_text(row.get("metricName"), 80),
        value=_text(value.get("value") if isinstance(value, dict) else value, 120),
        unit=_text(row.get("unitOfMeasure"), 20),
        note=_text(row.get("metricDescription"), 200),
        at=_moment(row.get("captureDateTime")),
    )


def _text(value: Any, limit: int) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode()[:limit]


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
