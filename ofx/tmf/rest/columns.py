"""Attributes that map to columns: their filters and their sort run in SQL."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from ofx.tmf.rest.dates import END_OF_DAY, moment
from ofx.tmf.rest.errors import invalid

NOTHING = Q(pk__in=())
LOOKUPS = {"eq": "exact", "gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte"}
# A pattern may hold plain characters, classes, dots, anchors and * + ?: PostgreSQL works those in linear time.
PLAIN_PATTERN = re.compile(r"(?:[^\\(){}|]|\\[.^$*+?\-/\\])*")
LONGEST_PATTERN = 100


class Text:
    """A text column."""

    def __init__(self, lookup: str) -> None:
        self.lookup = self.order = lookup

    def q(self, path: str, op: str, value: str) -> Q:
        """The condition for one value. Raises ValidationError."""
        if op == "regex":
            return Q(**{f"{self.lookup}__regex": pattern(path, value)})
        return Q(**{f"{self.lookup}__{LOOKUPS[op]}": self.value(path, value)})

    def value(self, path: str, text: str) -> Any:
        """What the column is compared with. Raises ValidationError."""
        return text


class Whole(Text):
    """A whole number."""

    def q(self, path: str, op: str, value: str) -> Q:
        """Without patterns."""
        if op == "regex":
            raise invalid(path, "A number has no pattern.")
        return super().q(path, op, value)

    def value(self, path: str, text: str) -> int:
        """The number."""
        if not re.fullmatch(r"-?[0-9]{1,18}", text.strip()):
            raise invalid(path, f"A whole number, not {text[:20]!r}.")
        return int(text)


class Moment(Text):
    """A date-time column."""

    def q(self, path: str, op: str, value: str) -> Q:
        """Without patterns."""
        if op == "regex":
            raise invalid(path, "A date has no pattern.")
        return super().q(path, op, value)

    def value(self, path: str, text: str) -> Any:
        """The moment."""
        try:
            return moment(text)
        except ValueError as error:
            raise invalid(path, str(error)) from error


class Day(Moment):
    """A date column that is shown as the end of that day's working hours; equality is that of the day."""

    def q(self, path: str, op: str, value: str) -> Q:
        """A moment before that hour does not reach the day yet."""
        if op in ("eq", "regex"):
            return super().q(path, op, value)
        at = super().value(path, value)
        whole = at.time() == END_OF_DAY
        later = at.time() > END_OF_DAY
        op = op if whole else {"gt": "gt", "gte": "gt", "lt": "lte", "lte": "lte"}[op] if later else BEFORE_THE_HOUR[op]
        return Q(**{f"{self.lookup}__{op}": at.date()})

    def value(self, path: str, text: str) -> Any:
        """The day."""
        return super().value(path, text).date()


BEFORE_THE_HOUR = {"gt": "gte", "gte": "gte", "lt": "lt", "lte": "lt"}


class Words(Text):
    """A column of our words, asked for in the standard's: word → ours. A word that is none of them matches nothing."""

    def __init__(self, lookup: str, words: Mapping[str, Sequence[str]]) -> None:
        super().__init__(lookup)
        self.words = words

    def q(self, path: str, op: str, value: str) -> Q:
        """Equality only."""
        if op != "eq":
            raise invalid(path, "It can only be compared for equality.")
        ours = self.words.get(value)
        return Q(**{f"{self.lookup}__in": list(ours)}) if ours else NOTHING


class Key(Text):
    """A primary key that is shown with a prefix."""

    def __init__(self, prefix: str = "", lookup: str = "pk") -> None:
        super().__init__(lookup)
        self.prefix = prefix

    def q(self, path: str, op: str, value: str) -> Q:
        """Equality only; anything that is no such id matches nothing."""
        if op != "eq":
            raise invalid(path, "It can only be compared for equality.")
        number = value.removeprefix(self.prefix)
        fits = value.startswith(self.prefix) and re.fullmatch(r"[0-9]{1,15}", number)
        return Q(**{self.lookup: int(number)}) if fits else NOTHING


def pattern(path: str, text: str) -> str:
    """A pattern that may be run. Raises ValidationError for groups, alternatives, repeat counts and long ones."""
    if len(text) > LONGEST_PATTERN or not PLAIN_PATTERN.fullmatch(text):
        raise invalid(path, "A pattern of plain characters, classes, . ^ $ * + ? only, at most 100 characters.")
    try:
        re.compile(text)
    except re.error as error:
        raise invalid(path, f"That is no pattern: {error}.") from error
    return text
