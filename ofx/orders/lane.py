"""The dates lane: requested, committed, target with its moves, done, on one axis for the whole order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ofx.core.ui.display import local
from ofx.orders.models import DateChange
from ofx.orders.queries import Part
from ofx.orders.vocabulary import REASON_LABELS

MARGIN = 0.04
WORDS = {"crd": "requested", "icdd": "first commitment", "committed_date": "committed", "target_date": "target"}
WHO = {"partner": "the partner", "us": "us", "customer": "the customer", "system": "OFX"}


@dataclass(frozen=True)
class Point:
    """A mark on the lane. `x` in per cent of its width."""

    kind: str  # sent, requested, committed, target, old, done, today
    label: str
    day: date
    x: float


@dataclass
class Lane:
    """One item's row."""

    part: Part
    points: list[Point] = field(default_factory=list)
    start: float = 0
    end: float = 0

    def point(self, kind: str) -> Point | None:
        """The mark of a kind."""
        return next((one for one in self.points if one.kind == kind), None)

    @property
    def committed(self) -> Point | None:
        """The commitment."""
        return self.point("committed")

    @property
    def target_now(self) -> Point | None:
        """The target, or the day it was done."""
        return self.point("target") or self.point("done")

    @property
    def old(self) -> list[Point]:
        """Where the target once stood."""
        return [one for one in self.points if one.kind == "old"]

    @property
    def slipped(self) -> bool:
        """Whether the target, or the day it was done, lies behind the commitment."""
        row = self.part.row
        last = _day(row.completed_at) if row.completed_at else row.target_date
        return bool(last and row.committed_date and last > row.committed_date)


@dataclass(frozen=True)
class Lanes:
    """The whole figure."""

    lanes: list[Lane]
    ticks: list[tuple[float, date]]
    today: float | None


def lanes_of(parts: Sequence[Part], today: date) -> Lanes | None:
    """Lanes of the items that have any date; None where no item has one."""
    marks = [(part, _marks(part)) for part in parts]
    marks = [(part, found) for part, found in marks if found]
    days = [day for _, found in marks for _, _, day in found]
    if not days:
        return None
    going = any(not part.row.ended_at for part, _ in marks)
    first, last = min(days), max(days)
    if going:
        first, last = min(first, today), max(last, today)
    width = max((last - first).days, 1)

    def place(day: date) -> float:
        return round(100 * (MARGIN + (1 - 2 * MARGIN) * (day - first).days / width), 2)

    lanes = [_lane(part, [Point(kind, label, day, place(day)) for kind, label, day in found]) for part, found in marks]
    ticks = [(place(day), day) for day in _ticks(first, last)]
    return Lanes(lanes, ticks, place(today) if first <= today <= last else None)


def _day(moment: datetime) -> date:
    return local(moment).date()


def _marks(part: Part) -> list[tuple[str, str, date]]:
    row = part.row
    found: list[tuple[str, str, date]] = []
    if row.submitted_at:
        found.append(("sent", "Sent", _day(row.submitted_at)))
    if row.crd:
        found.append(("requested", "Requested", row.crd))
    found += [("old", "Target until then", move.old) for move in part.moves if move.field == "target_date" and move.old]
    if row.committed_date:
        found.append(("committed", "Committed", row.committed_date))
    if row.target_date and not row.completed_at:
        found.append(("target", "Target", row.target_date))
    if row.completed_at:
        found.append(("done", "Done", _day(row.completed_at)))
    return found


def _lane(part: Part, points: list[Point]) -> Lane:
    now = [point.x for point in points if point.kind in ("sent", "done", "target", "committed")]
    return Lane(part, points, min(now, default=0), max(now, default=0))


def _ticks(first: date, last: date) -> list[date]:
    """At most eight days, on Mondays or first days of months."""
    days = (last - first).days
    if days <= 56:
        step, day = 7 * max(1, days // 42 + (days > 42)), first + timedelta(days=-first.weekday() % 7)
    else:
        step, day = 7 * (days // 56 + 1), first + timedelta(days=-first.weekday() % 7)
    found = []
    while day <= last:
        found.append(day)
        day += timedelta(days=step)
    return found


def move_rows(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Every move of a date as a row, newest first."""
    rows = [
        {
            "at": move.at,
            "position": part.item.position,
            "word": WORDS.get(move.field, move.field),
            "old": move.old,
            "new": move.new,
            "who": part.row.operator.name if move.requester == "partner" else WHO[move.requester],
            "why": " · ".join(text for text in (REASON_LABELS.get(move.reason, ""), move.text) if text),
        }
        for part in parts
        for move in part.moves
        if move.field != "icdd"
    ]
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def move_words(move: DateChange, operator: str) -> str:
    """`Northfibre moved the target date`, and so on."""
    who = (
        operator
        if move.requester == "partner"
        else {"us": "We", "customer": "The customer", "system": "OFX"}[move.requester]
    )
    name = WORDS.get(move.field, move.field)
    if move.old is None:
        return f"{who} gave the {name} date" if move.field != "crd" else f"{who} asked for a date"
    return f"{who} moved the {name} date"
