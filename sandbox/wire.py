"""What the partners' APIs have in common: calls, answers, errors, JSON, and the filters of lists (TMF630)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sandbox.lifecycle import stamp

_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}
_PAGING = frozenset({"fields", "offset", "limit"})


class Known(Protocol):
    """What an answer is about, for the journal."""

    id: str
    external_id: str


@dataclass(frozen=True)
class Columns:
    """Which first-level attributes of a resource are columns of its table."""

    texts: Mapping[str, str]
    stamps: Mapping[str, str]


class Refused(Exception):
    """An answer outside 2xx."""

    def __init__(self, status: int, code: str, message: str, reference: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.reference = status, code, message, reference


@dataclass
class Answer:
    """What goes back to the client."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    order: Any = None  # a Known


@dataclass(frozen=True)
class Call:
    """One request of the API, below the partner's base path."""

    method: str
    path: str
    args: Mapping[str, list[str]]
    body: bytes

    def one(self, name: str) -> str:
        """The last value of a query parameter; empty if absent."""
        return (self.args.get(name) or [""])[-1]


_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Payload Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}


def error(refused: Refused) -> Answer:
    """The error body of the standard."""
    body = {
        "code": refused.code,
        "reason": _REASONS.get(refused.status, "Error"),
        "message": refused.message,
        "status": str(refused.status),
        "@type": "Error",
    }
    if refused.reference:
        body["referenceError"] = refused.reference
    return Answer(refused.status, body)


def unavailable(message: str, seconds: int = 1) -> Answer:
    """503 with `Retry-After`."""
    found = error(Refused(503, "UNAVAILABLE", message))
    found.headers["Retry-After"] = str(seconds)
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def parse(body: bytes) -> Any:
    """The JSON of a body; Refused 400 if it is none."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # lone surrogates end here
    except (ValueError, RecursionError) as problem:
        raise Refused(400, "INVALID_JSON", f"the body is not JSON: {problem}") from None
    return found


# reading


def selected(shown: dict[str, Any], fields: str) -> dict[str, Any]:
    """What `fields` asks for; id and href always."""
    if not fields:
        return shown
    names = {name.strip() for name in fields.split(",")} | {"id", "href"}
    return {name: value for name, value in shown.items() if name in names}


def whole(text: str, name: str, default: int) -> int:
    """A whole number of the query; Refused 400 if it is none."""
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Refused(400, "INVALID_QUERY", f"{name} must be a whole number from 0 up, not {text!r}")
    return int(text)


def _moment(text: str, name: str) -> str:
    try:
        return stamp(datetime.fromisoformat(text.strip('"')))
    except (ValueError, OverflowError):
        raise Refused(400, "INVALID_QUERY", f"{name} must be an ISO 8601 date-time, not {text!r}") from None


def _values(texts: list[str]) -> list[str]:
    return [part.strip().strip('"') for text in texts for part in text.split(",")]


def _condition(name: str, texts: list[str], columns: Columns) -> tuple[str, list[str]] | None:
    """SQL of one filter; None if it is not about an indexed column."""
    base, _, operator = name.partition(".")
    if base in columns.texts and operator in ("", "eq"):
        values = _values(texts)
        return f"{columns.texts[base]} IN ({','.join('?' * len(values))})", values
    if base in columns.stamps and (not operator or operator in _COMPARE):
        sql = " AND ".join([f"{columns.stamps[base]} {_COMPARE[operator or 'eq']} ?"] * len(texts))
        return sql, [_moment(text, name) for text in texts]
    return None


def matches(shown: Mapping[str, Any], name: str, texts: list[str]) -> bool:
    """Whether an attribute that is no column has one of the wanted values."""
    if name not in shown:
        return False
    value = shown[name]
    text = value if isinstance(value, str) else json.dumps(value)
    return text in _values(texts)


def split_filters(args: Mapping[str, list[str]], columns: Columns) -> tuple[str, list[str], dict[str, list[str]]]:
    """SQL of the filters on columns, its values, and the other filters."""
    clauses, values, rest = ["1"], [], {}
    for name, texts in args.items():
        if name in _PAGING:
            continue
        found = _condition(name, texts, columns)
        if found:
            clauses.append(found[0])
            values.extend(found[1])
        else:
            rest[name] = texts
    return " AND ".join(clauses), values, rest
