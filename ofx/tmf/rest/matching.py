"""Filters and sort on documents: for attributes that no column holds."""

from collections.abc import Iterator, Sequence
from typing import Any

from ofx.tmf.rest.dates import moment
from ofx.tmf.rest.errors import invalid
from ofx.tmf.rest.query import Condition, Group


def matches(document: dict[str, Any], groups: Sequence[Group]) -> bool:
    """Whether every group has an alternative that holds."""
    return all(any(_holds(document, condition) for condition in group) for group in groups)


def check(groups: Sequence[Group]) -> None:
    """Raise ValidationError for a comparison that is only answered by columns."""
    for condition in (condition for group in groups for condition in group):
        if condition.op == "regex":
            raise invalid(condition.path, "Patterns are not answered for this attribute.")


def values_at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """Every value at a path; lists are walked through."""
    if isinstance(value, list):
        for one in value:
            yield from values_at(one, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from values_at(value[path[0]], path[1:])


def sort_key(document: dict[str, Any], path: str) -> tuple[bool, str]:
    """What a document is sorted by; those without the attribute come last."""
    first = next(values_at(document, path.split(".")), None)
    return first is None, _plain(first)


def _holds(document: dict[str, Any], condition: Condition) -> bool:
    found = list(values_at(document, condition.path.split(".")))
    return any(_compare(one, condition.op, wanted) for one in found for wanted in condition.values)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _compare(value: Any, op: str, wanted: str) -> bool:
    left, right = _comparable(_plain(value), wanted)
    if op == "eq":
        return bool(left == right)
    return bool({"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}[op])


def _comparable(left: str, right: str) -> tuple[Any, Any]:
    """Both as numbers, else both as moments, else both as they are written."""
    for kind in (float, moment):
        try:
            return kind(left), kind(right)
        except ValueError:
            continue
    return left, right
