"""What is known live of a place, and how true an operator's availability proved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from ofx.core.models import Organisation
from ofx.core.prepared import fetch
from ofx.search.live.statements import GHOSTS, KNOWN, PEERS, TRUTH
from ofx.search.places import Spot

POOLED_TENANTS, POOLED_CASES = 3, 30  # ARCHITECTURE 9


class Row(NamedTuple):
    """A row of KNOWN."""

    operator_id: int
    state: str
    available: bool | None
    lines: list[dict[str, Any]]
    asked_at: datetime
    ended_at: datetime | None
    valid_until: datetime | None
    detail: str
    simulated: bool
    late: bool
    exact: bool


class Ghost(NamedTuple):
    """An order that proved an availability wrong, the newest at a place."""

    operator_id: int
    reason: str
    text: str
    at: datetime
    order: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What one operator says live of a place. `state`: live, asking, no_answer or cached; `answer` may be older."""

    state: str
    answer: Row | None
    question: Row

    @property
    def holds(self) -> bool:
        """Whether the answer still holds."""
        return self.state == "live"


@dataclass(frozen=True, slots=True)
class Truth:
    """Of `judged` answers that orders put to the proof, `confirmed` were true. `source`: own or pooled."""

    confirmed: int
    judged: int
    source: str

    @property
    def rate(self) -> float:
        """Between 0 and 1."""
        return self.confirmed / self.judged

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"rate": round(self.rate, 3), "confirmed": self.confirmed, "judged": self.judged, "source": self.source}


class Peer(NamedTuple):
    """An operator with a live service."""

    operator_id: int
    endpoint_id: int
    simulated: bool
    api: str
    open: bool
    name: str


def known(organisation: Organisation, spot: Spot, at: datetime) -> dict[int, Said]:
    """Operator id → what it says live of a place, the address' own answers before those for its postcode."""
    rows: dict[int, list[Row]] = {}
    for values in fetch(KNOWN, _place(organisation, spot)):
        row = Row(*values)._replace(lines=orjson.loads(values[3]))
        rows.setdefault(row.operator_id, []).append(row)
    return {operator: _said(found, at) for operator, found in rows.items()}


def _said(rows: list[Row], at: datetime) -> Said:
    answers = [row for row in rows if row.state == "answered"]
    newest = max(rows, key=lambda row: row.asked_at)
    answer = max(answers, key=lambda row: (_valid(row, at), row.exact, row.asked_at), default=None)
    if answer is not None and _valid(answer, at):
        return Said("live", answer, newest)
    if newest.state == "asked" and not newest.late:
        return Said("asking", answer, newest)
    return Said("cached" if newest.state == "answered" else "no_answer", answer, newest)


def _valid(row: Row, at: datetime) -> bool:
    return row.valid_until is not None and row.valid_until > at


def ghosts(organisation: Organisation, spot: Spot, at: datetime) -> dict[int, Ghost]:
    """Operator id → the order that proved its availability at a place wrong."""
    premises = spot.address["key"] if spot.address else None
    values = {**_place(organisation, spot), "premises": premises, "at": at}
    return {row[0]: Ghost(*row) for row in fetch(GHOSTS, values)}


def _place(organisation: Organisation, spot: Spot) -> dict[str, Any]:
    return {
        "organisation": organisation.pk,
        "country": spot.country,
        "code": spot.code,
        "place": spot.id,
        "address": spot.address["id"] if spot.address else None,
    }


def truth(organisation: Organisation, at: datetime, operators: list[int] | None = None) -> dict[int, Truth]:
    """Operator id → how often its availability proved true: own cases, else pooled from three tenants and 30 cases up.

    Simulated orders prove nothing. Operators without a case are left out.
    """
    values = {"organisation": organisation.pk, "at": at, "operators": operators}
    found = {}
    for operator, own, own_true, pooled, pooled_true, tenants in fetch(TRUTH, values):
        if own:
            found[operator] = Truth(own_true, own, "own")
        elif tenants >= POOLED_TENANTS and pooled >= POOLED_CASES:
            found[operator] = Truth(pooled_true, pooled, "pooled")
    return found


def peers(organisation: Organisation, country: str) -> list[Peer]:
    """Operators of a country that answer live questions of a tenant."""
    if organisation.kind != "service_provider":
        return []
    return [Peer(*row) for row in fetch(PEERS, {"organisation": organisation.pk, "country": country})]
