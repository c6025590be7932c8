"""The query string of a list: filters, `fields`, `sort`, `offset` and `limit`, read from the raw text.

`attr=value` ANDed; dotted paths; `.gt .gte .lt .lte .eq .regex` or `>`, `>=`, `<`, `<=`, `*=`; alternatives by comma or
by repeating the name; `;` between full conditions, or between values, is OR too; quoted values (TMF630 4.4).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_plus

from ofx.tmf.rest.errors import invalid
from ofx.tmf.rest.fields import Fields, read_fields

DEFAULT_LIMIT, MOST_ROWS = 50, 500
LONGEST, MOST_CONDITIONS, LONGEST_VALUE = 8000, 30, 500
RESERVED = ("fields", "offset", "limit", "sort", "filter")
SIGNS = {"=": "eq", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "*=": "regex"}
WORDS = ("eq", "gt", "gte", "lt", "lte", "regex")
CONDITION = re.compile(r"(?P<path>@?\w+(?:\.@?\w+)*)(?P<sign>>=|<=|\*=|=|>|<)(?P<value>.*)", re.DOTALL | re.ASCII)
OUTSIDE_QUOTES = {mark: re.compile(rf'{mark}(?=(?:[^"]*"[^"]*")*[^"]*$)') for mark in (";", ",")}


@dataclass(frozen=True)
class Condition:
    """`path op (value or value …)`."""

    path: str
    op: str
    values: tuple[str, ...]


Group = tuple[Condition, ...]  # alternatives


@dataclass(frozen=True)
class Query:
    """All that a list was asked. `groups` are ANDed; `sort` holds (path, descending)."""

    groups: tuple[Group, ...] = ()
    fields: Fields = Fields()  # noqa: RUF009  immutable
    sort: tuple[tuple[str, bool], ...] = ()
    offset: int = 0
    limit: int = DEFAULT_LIMIT


def read_query(raw: str, known: Iterable[str]) -> Query:
    """The query of a raw query string; `known` are the resource's first-level attributes. Raises ValidationError."""
    if len(raw) > LONGEST:
        raise invalid("query", f"At most {LONGEST} characters.")
    names = frozenset(known)
    plain: dict[str, list[str]] = {}
    groups: list[Group] = []
    for part in raw.split("&"):
        text = unquote_plus(part)
        if "\x00" in text:
            raise invalid("query", "It holds a NUL character.")
        name, _, value = text.partition("=")
        if name in RESERVED:
            plain.setdefault(name, []).append(value)
        elif text:
            groups.append(_group(text, names))
    if sum(len(condition.values) for group in groups for condition in group) > MOST_CONDITIONS:
        raise invalid("query", f"At most {MOST_CONDITIONS} values to compare with.")
    if "filter" in plain:
        raise invalid("filter", "JSONPath is not understood here. Write attribute=value.")
    return Query(
        groups=tuple(_repeated(groups)),
        fields=read_fields(plain.get("fields", []), names),
        sort=_sort(plain.get("sort", []), names),
        offset=_number("offset", plain, 0, 10**9),
        limit=min(_number("limit", plain, DEFAULT_LIMIT, 10**9), MOST_ROWS),
    )


def read_filter(raw: str, known: Iterable[str]) -> tuple[Group, ...]:
    """Filters alone, as the `query` of a subscription holds them. Raises ValidationError."""
    return read_query(raw, known).groups


def _group(text: str, names: frozenset[str]) -> Group:
    found: list[Condition] = []
    for piece in OUTSIDE_QUOTES[";"].split(text):
        match = CONDITION.fullmatch(piece.strip())
        if match:
            found.append(_condition(match, names))
        elif found and piece.strip():
            last = found[-1]
            found[-1] = Condition(last.path, last.op, (*last.values, *_values(piece)))
        elif piece.strip():
            raise invalid("query", f"{piece[:60]!r} is not attribute=value.")
    return tuple(found)


def _condition(match: re.Match[str], names: frozenset[str]) -> Condition:
    path, op = match["path"], SIGNS[match["sign"]]
    head, _, last = path.rpartition(".")
    if op == "eq" and head and last in WORDS:
        path, op = head, last
    first = path.partition(".")[0]
    if first not in names:
        raise invalid(first[:60], "There is no such attribute here to filter by.")
    values = (match["value"],) if op == "regex" else _values(match["value"])
    if any(len(value) > LONGEST_VALUE for value in values):
        raise invalid(path, f"At most {LONGEST_VALUE} characters a value.")
    return Condition(path, op, values)


def _values(text: str) -> tuple[str, ...]:
    found = [one.strip() for one in OUTSIDE_QUOTES[","].split(text)]
    return tuple(one[1:-1] if len(one) > 1 and one[0] == one[-1] == '"' else one for one in found)


def _repeated(groups: list[Group]) -> list[Group]:
    """The same attribute given again with the same comparison is another alternative (TMF630 4.4.2)."""
    made: dict[tuple[str, str] | int, Group] = {}
    for number, group in enumerate(groups):
        if len(group) != 1:
            made[number] = group
            continue
        (one,) = group
        earlier = made.get((one.path, one.op))
        values = (*earlier[0].values, *one.values) if earlier else one.values
        made[one.path, one.op] = (Condition(one.path, one.op, values),)
    return list(made.values())


def _sort(texts: list[str], names: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    found = []
    for path in [one.strip() for text in texts for one in text.split(",") if one.strip()]:
        name = path.lstrip("-+ ")
        if name.partition(".")[0] not in names:
            raise invalid("sort", f"There is no attribute {name[:60]!r} here.")
        found.append((name, path.startswith("-")))
    return tuple(found[:5])


def _number(name: str, plain: dict[str, list[str]], default: int, most: int) -> int:
    text = plain.get(name, [""])[-1].strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > most:
        raise invalid(name, f"A whole number from 0, not {text[:20]!r}.")
    return int(text)
