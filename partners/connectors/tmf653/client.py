"""TMF653 v4 as a client: start a test of a service, look at it later. Calls that somebody waits for: short time-outs.

The bad ends are those of connectors/asking.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from partners.connectors import asking
from partners.connectors.asking import Unclear, moment

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
    return asking.look_up(endpoint, API, "serviceTest", _found, ref=ref, key=key, seconds=TIMEOUT_SECONDS)


def cancel(endpoint: Any, ref: str) -> Found:
    """Take a test back that has not ended. Raises Refused, NotDone or Unclear."""
    return _found(_call(endpoint, "PATCH", f"serviceTest/{quote(ref, safe='')}", {"state": "cancelled"}))


def serves(endpoint: Any) -> bool:
    """Whether this partner's system runs tests, and may be called now."""
    return asking.serves(endpoint, API)


def _call(endpoint: Any, method: str, path: str, body: dict[str, Any]) -> Any:
    return asking.call(endpoint, API, method, path, body, seconds=TIMEOUT_SECONDS)


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
        ended_at=moment(row.get("endDateTime")),
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
        at=moment(row.get("captureDateTime")),
    )


def _text(value: Any, limit: int) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode()[:limit]
