"""Filters as chips that read as a sentence: "held · on partner · older than 3 d"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.http import QueryDict
from django_filters import FilterSet

from ofx.core.ui.display import absolute

SUFFIXES = ("", "_min", "_max", "_after", "_before", "_0", "_1")


@dataclass(frozen=True)
class Chip:
    """One narrowing in words, and the query string without it (starting with `?`)."""

    text: str
    remove: str


def without(params: QueryDict, name: str) -> str:
    """The query string without a filter (and without the page, which would point elsewhere)."""
    rest = params.copy()
    for key in ("page", "export", *(name + suffix for suffix in SUFFIXES)):
        rest.pop(key, None)
    return f"?{rest.urlencode()}"


def chips(params: QueryDict, filterset: FilterSet | None, query: str, sentences: dict[str, str]) -> list[Chip]:
    """Chips of the search text and of every filter that has a value."""
    found = [Chip(f"“{query}”", without(params, "q"))] if query else []
    if filterset is None or not filterset.is_bound:
        return found
    filterset.form.is_valid()  # fills cleaned_data with the fields that make sense
    for name, value in filterset.form.cleaned_data.items():
        if not _empty(value) and name in filterset.filters:
            found.append(Chip(_phrase(filterset, name, value, sentences), without(params, name)))
    return found


def _empty(value: Any) -> bool:
    if isinstance(value, QuerySet):
        return not value
    if isinstance(value, slice):
        return value.start is None and value.stop is None
    return value is None or value in ("", [], ())


def _phrase(filterset: FilterSet, name: str, value: Any, sentences: dict[str, str]) -> str:
    words = _words(filterset.form.fields[name], value)
    if name in sentences:
        return sentences[name].format(words)
    label = str(filterset.filters[name].label or name.replace("_", " "))
    return label if value is True else f"{label}: {words}"


def _words(field: Any, value: Any) -> str:
    if isinstance(value, slice):
        low, high = _plain(value.start), _plain(value.stop)
        return f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, (list, tuple, QuerySet)):
        return " or ".join(_choice(field, one) for one in value)
    return _choice(field, value)


def _choice(field: Any, value: Any) -> str:
    if isinstance(value, Model):
        return str(value)
    labels = {str(key): str(label) for key, label in _pairs(getattr(field, "choices", ()))}
    return labels.get(str(value), _plain(value))


def _pairs(choices: Any) -> Iterable[tuple[Any, Any]]:
    for key, label in choices or ():
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return absolute(value) if isinstance(value, (date, datetime)) else str(value)
