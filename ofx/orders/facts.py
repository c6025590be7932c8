"""Facts as the fold reads them, and the one order in which they take effect."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

PARTNER = "partner"
# Two facts of one moment: what closes a wait is read before what opens one, an end last.
FIRST = ("SUBMITTED", "ACKNOWLEDGED", "RESUMED", "AMENDED", "AMEND_REFUSED", "CANCEL_REFUSED")
LAST = ("COMPLETED", "CANCELLED", "TERMINATED", "ACCEPTED", "WITHDRAWN")


@dataclass(frozen=True, kw_only=True)
class Told:
    """A fact as the fold reads it. `key` names it for ever: the same news twice has the same key."""

    key: str
    source: str
    update_type: str
    issued_at: datetime
    sequence: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text of the data, empty where there is none."""
        return str(self.data.get(name) or "")

    def day(self, name: str) -> date | None:
        """A date of the data; None where there is none or it is not one."""
        value = self.data.get(name)
        try:
            return value if value is None or isinstance(value, date) else date.fromisoformat(str(value)[:10])
        except ValueError:
            return None


def _tie(fact: Told) -> tuple[Any, ...]:
    data = json.dumps(fact.data, sort_keys=True, default=str)
    return (fact.issued_at, fact.sequence or -1, fact.update_type, fact.source, data)


def unique(facts: Iterable[Told]) -> list[Told]:
    """One fact a key; where two differ under one key, the same one whatever the order."""
    found: dict[str, Told] = {}
    for fact in facts:
        other = found.get(fact.key)
        if other is None or (other != fact and _tie(fact) < _tie(other)):
            found[fact.key] = fact
    return list(found.values())


def _rank(update_type: str, first: Sequence[str], last: Sequence[str]) -> int:
    return 0 if update_type in first else 2 if update_type in last else 1


def in_order(
    facts: Iterable[Told], first: Sequence[str] = FIRST, last: Sequence[str] = LAST
) -> list[tuple[datetime, Told]]:
    """Facts with the moment at which each takes effect: by the partner's numbers, then by time, not arrival.

    `first`, `last`: update types that are read before and after others of the same moment.

    A numbered fact takes effect no earlier than those numbered before it, so that numbers and times never
    contradict each other and the order is total.
    """
    placed: list[tuple[datetime, int, int, str, Told]] = []
    moment: datetime | None = None
    every = unique(facts)
    numbered = sorted(
        (fact for fact in every if fact.source == PARTNER and fact.sequence is not None),
        key=lambda fact: (fact.sequence, _rank(fact.update_type, first, last), fact.issued_at, fact.key),
    )
    for position, fact in enumerate(numbered):
        moment = fact.issued_at if moment is None else max(moment, fact.issued_at)
        placed.append((moment, 1, position, fact.key, fact))
    for fact in every:
        if fact.source != PARTNER or fact.sequence is None:
            placed.append((fact.issued_at, 0, _rank(fact.update_type, first, last), fact.key, fact))
    return [(at, fact) for at, _, _, _, fact in sorted(placed, key=lambda row: row[:4])]
