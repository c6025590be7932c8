"""Many answers at once, each for itself: a file with one bad row loses nothing of the others, and may come twice."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.orders.actions import operator_answers as answers
from ofx.orders.answers import VERBS, AnswerInvalid, checked, refusal
from ofx.orders.models import PartnerOrder
from ofx.portal.partner.queries import mine, open_kinds, with_flags
from partners.coverage.reading import ReadError, Unreadable, open_table

MOST_ROWS = 500
VALUES = ("reference", "date", "reason", "text", "amount", "currency")
# Our column → the names under which it is found.
NAMES: dict[str, tuple[str, ...]] = {
    "our_key": ("our key", "key", "order"),
    "reference": ("reference", "your reference", "partner ref", "partner reference"),
    "answer": ("answer", "update type"),
    "date": ("date", "new date", "committed date answer"),
    "reason": ("reason", "reason code"),
    "text": ("text", "words", "comment"),
    "amount": ("amount", "charge"),
    "currency": ("currency",),
    "told": ("told", "told at", "issued at"),
}
# What people write → our word.
WORDS = {
    "accept": "acknowledge", "accepted": "acknowledge", "acknowledged": "acknowledge", "take": "acknowledge",
    "committed": "commit", "delayed": "delay", "held": "hold", "resumed": "resume", "completed": "complete",
    "done": "complete", "rejected": "reject", "information_required": "ask",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Given:
    """One row as it was given, nothing judged yet. `number`: its line in the file, from 1."""

    number: int
    our_key: str
    verb: str
    values: dict[str, str]
    told: str = ""

    @property
    def key(self) -> str:
        """Names the row for ever: the same row again, in whichever file, is the same answer."""
        content = json.dumps([self.our_key, self.verb, self.values, self.told], sort_keys=True)
        return f"csv:{hashlib.sha256(content.encode()).hexdigest()[:40]}"

    @property
    def packed(self) -> list[Any]:
        """As plain values."""
        return [self.number, self.our_key, self.verb, self.values, self.told]

    @classmethod
    def unpacked(cls, values: list[Any]) -> "Given":
        """The reverse of packed. Raises TypeError or ValueError on anything else."""
        number, our_key, verb, given, told = values
        return cls(number=int(number), our_key=str(our_key), verb=str(verb), values=dict(given), told=str(told))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became, or will become, of a row: ready, given, known (before) or refused, and why."""

    given: Given
    result: str
    problem: str = ""
    row: PartnerOrder | None = None

    @property
    def label(self) -> str:
        """The answer in words."""
        return VERBS[self.given.verb].label if self.given.verb in VERBS else self.given.verb


def answer_words() -> list[tuple[str, str, str]]:
    """(word of the column, what it says, which columns it needs) for the page that explains the file."""
    return [(name, verb.label, ", ".join(verb.needs)) for name, verb in VERBS.items()]


def read(path: Path) -> list[Given]:
    """The rows of a CSV or XLSX file that hold an answer. Raises ReadError that names what is missing."""
    with open_table(path) as table:
        places = _places(table.header)
        found = []
        for cells in table.rows:
            if isinstance(cells, Unreadable):
                raise ReadError(f"Line {table.line()}: {cells.why}")
            one = _given(table.line(), {name: _cell(cells, at) for name, at in places.items()})
            if one is not None:
                found.append(one)
            if len(found) > MOST_ROWS:
                raise ReadError(f"The file holds more than {MOST_ROWS} answers: send it in parts.")
    return found


def _places(header: list[str]) -> dict[str, int]:
    plain = [" ".join(name.lower().replace("_", " ").split()) for name in header]
    places = {
        ours: plain.index(found)
        for ours, names in NAMES.items()
        if (found := next((n for n in names if n in plain), ""))
    }
    missing = [name for name in ("answer",) if name not in places]
    if "our_key" not in places and "reference" not in places:
        missing.insert(0, "our_key")
    if missing:
        raise ReadError(f"The file lacks the column {' and '.join(missing)}. It has: {', '.join(header)[:300]}.")
    return places


def _cell(cells: list[str], at: int) -> str:
    """The cell; an apostrophe that disarmed a formula goes."""
    text = cells[at].strip() if at < len(cells) else ""
    return text[1:] if text.startswith("'") else text


def _given(number: int, cells: dict[str, str]) -> Given | None:
    word = "_".join(cells.get("answer", "").lower().split())
    if not word:
        return None
    values = {name: cells[name] for name in VALUES if cells.get(name)}
    key = cells.get("our_key", "") or f"ref:{values.get('reference', '')}"
    return Given(
        number=number, our_key=key[:200], verb=WORDS.get(word, word), values=values, told=cells.get("told", "")
    )


def judged(user: User, rows: Iterable[Given], at: datetime) -> list[Outcome]:
    """What would become of each row, nothing written."""
    given = list(rows)
    orders = _orders(user, given)
    return [_judged(one, orders.get(one.our_key), at) for one in given]


def _orders(user: User, given: list[Given]) -> dict[str, PartnerOrder]:
    """The orders that the rows name, by key or by the operator's own reference where that names one alone."""
    keys = {one.our_key for one in given}
    found = {row.our_key: row for row in with_flags(mine(user).filter(our_key__in=keys))}
    references = {key.removeprefix("ref:") for key in keys if key.startswith("ref:")} - {""}
    named: dict[str, list[PartnerOrder]] = {}
    for row in with_flags(mine(user).filter(partner_ref__in=references)) if references else []:
        named.setdefault(row.partner_ref, []).append(row)
    return found | {f"ref:{reference}": rows[0] for reference, rows in named.items() if len(rows) == 1}


def _judged(one: Given, row: PartnerOrder | None, at: datetime) -> Outcome:
    if row is None:
        return Outcome(given=one, result="refused", problem=_unknown(one))
    if answers.given_by(partner_order=row, key=one.key):
        return Outcome(given=one, result="known", row=row)
    try:
        checked(one.verb, dict(one.values), timezone.localdate(at))
    except AnswerInvalid as error:
        return Outcome(given=one, result="refused", problem=str(error), row=row)
    why = refusal(row, one.verb, open_kinds(row))
    return Outcome(given=one, result="refused" if why else "ready", problem=why, row=row)


def _unknown(one: Given) -> str:
    if one.our_key.startswith("ref:"):
        return f"No single order of yours has the reference {one.our_key.removeprefix('ref:')[:80] or '(none)'}."
    return f"You have no order with the key {one.our_key[:80]}."


def apply(user: User, rows: Iterable[Given], at: datetime, channel: str) -> Iterator[Outcome]:
    """Give each answer in its own transaction. What is refused is told and stops nobody else."""
    given = list(rows)
    orders = _orders(user, given)
    for one in given:
        row = orders.get(one.our_key)
        if row is None:
            yield Outcome(given=one, result="refused", problem=_unknown(one))
            continue
        via = answers.Channel(kind=channel, key=one.key if channel == "csv" else "")
        try:
            new = answers.give(verb=one.verb, actor=user, partner_order=row, at=at, via=via, **one.values)
        except (AnswerInvalid, IllegalTransition, PermissionDenied) as error:
            yield Outcome(given=one, result="refused", problem=str(error), row=row)
        else:
            yield Outcome(given=one, result="given" if new else "known", row=row)
