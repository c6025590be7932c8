"""A page of a list: what columns can answer runs in SQL, the rest on a bounded number of documents."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import DataError
from django.db.models import F, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from ofx.tmf.rest.columns import NOTHING, Text
from ofx.tmf.rest.errors import invalid
from ofx.tmf.rest.face import Face
from ofx.tmf.rest.matching import check, matches, sort_key
from ofx.tmf.rest.query import Group, Query

MOST_EXAMINED = 1000  # documents that one request may look through for attributes which no column holds
Prepare = Callable[[QuerySet[Any], set[str] | None], QuerySet[Any]]


@dataclass(frozen=True)
class Page:
    """Documents of a page, and how many there are in all."""

    documents: list[dict[str, Any]]
    total: int


def of_rows(rows: QuerySet[Any], query: Query, face: Face, prepare: Prepare) -> Page:
    """A page of model rows. `prepare(rows, names)` fetches what these attributes need. Raises ValidationError."""
    rows, left = _narrowed(rows, query.groups, face)
    order = _order(query, face)
    try:
        if left or order is None:
            return _examined(rows, left, query, face, prepare)
        rows = rows.order_by(*order) if order else rows
        total = rows.order_by().count()
        names = query.fields.names
        found = prepare(rows, names)[query.offset : query.offset + query.limit] if query.limit else []
        return Page([_shown(face, row, query) for row in found], total)
    except DataError as error:  # a pattern or a number that PostgreSQL cannot read
        raise invalid("query", "The database cannot compare with one of these values.") from error


def of_documents(documents: Iterable[dict[str, Any]], query: Query, face: Face) -> Page:
    """A page of documents that are at hand already."""
    check(query.groups)
    found = [one for one in documents if matches(one, query.groups)]
    _sort(found, query)
    keep = ("@type",) if face.typed else ()
    page = found[query.offset : query.offset + query.limit]
    return Page([query.fields.cut(one, keep) for one in page], len(found))


def answer(page: Page, query: Query, address: str, given: Sequence[tuple[str, str]]) -> Response:
    """200 with the counts and the links to the other pages. `given`: the other parameters of the request."""
    headers = {"X-Total-Count": str(page.total), "X-Result-Count": str(len(page.documents))}
    headers["Link"] = ", ".join(_links(page.total, query, address, given))
    return Response(page.documents, headers=headers)


def _links(total: int, query: Query, address: str, given: Sequence[tuple[str, str]]) -> Iterable[str]:
    step = max(query.limit, 1)
    wanted = {"self": query.offset, "first": 0, "last": max(0, (total - 1) // step * step)}
    if query.offset + query.limit < total:
        wanted["next"] = query.offset + step
    if query.offset:
        wanted["prev"] = max(0, query.offset - step)
    for word, offset in wanted.items():
        target = urlencode([*given, ("offset", offset), ("limit", query.limit)])
        yield f'<{address}?{target}>; rel="{word}"'


def _shown(face: Face, row: Any, query: Query) -> dict[str, Any]:
    return query.fields.cut(face.document(row, query.fields.names), ("@type",) if face.typed else ())


def _narrowed(rows: QuerySet[Any], groups: Sequence[Group], face: Face) -> tuple[QuerySet[Any], list[Group]]:
    """Rows filtered by what columns can answer, and the groups that are left."""
    left = []
    for group in groups:
        if all(condition.path in face.columns for condition in group):
            rows = rows.filter(_alternatives(group, face))
        else:
            left.append(group)
    check(left)
    return rows, left


def _alternatives(group: Group, face: Face) -> Q:
    fits = NOTHING
    for condition in group:
        column: Text = face.columns[condition.path]
        for value in condition.values:
            fits |= column.q(condition.path, condition.op, value)
    return fits


def _order(query: Query, face: Face) -> list[Any] | None:
    """The ORDER BY; empty: as the resource comes. None: it takes documents to sort so."""
    if any(path not in face.columns for path, _ in query.sort):
        return None
    found = []
    for path, descending in query.sort:
        column = F(face.columns[path].order)
        found.append(column.desc(nulls_last=True) if descending else column.asc(nulls_last=True))
    return [*found, "-pk"] if found else []


def _examined(rows: QuerySet[Any], left: list[Group], query: Query, face: Face, prepare: Prepare) -> Page:
    """Work out only what the filter needs for each row, and the whole document for those on the page."""
    asked = {condition.path for group in left for condition in group} | {path for path, _ in query.sort}
    names = {path.partition(".")[0] for path in asked}
    candidates = list(prepare(rows, names)[: MOST_EXAMINED + 1])
    if len(candidates) > MOST_EXAMINED:
        words = ", ".join(sorted(name for name in face.columns if "." not in name))
        text = f"More than {MOST_EXAMINED} resources would have to be looked through. Narrow it by one of: {words}."
        raise ValidationError({", ".join(sorted(asked))[:200]: [text]})
    found = [(one.pk, face.document(one, names)) for one in candidates]
    kept = [(pk, document) for pk, document in found if matches(document, left)]
    for path, descending in reversed(query.sort):
        kept.sort(key=lambda pair: sort_key(pair[1], path), reverse=descending)
    wanted = [pk for pk, _ in kept[query.offset : query.offset + query.limit]]
    whole = {row.pk: row for row in prepare(rows.filter(pk__in=wanted), query.fields.names)}
    return Page([_shown(face, whole[pk], query) for pk in wanted if pk in whole], len(kept))


def _sort(documents: list[dict[str, Any]], query: Query) -> None:
    for path, descending in reversed(query.sort):
        documents.sort(key=lambda one: sort_key(one, path), reverse=descending)
