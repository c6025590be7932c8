"""A 2xx is no proof (HUB rule 5): what we meant against what the partner echoes."""

from datetime import datetime
from typing import Any

IGNORED = ("@type",)
LIMIT = 20


def differences(wanted: dict[str, Any], echo: Any) -> list[dict[str, Any]]:
    """Fields that came back otherwise: [{field, sent, echoed}]. An amendment being weighed is no difference."""
    if not isinstance(echo, dict):
        return [{"field": "", "sent": "an order", "echoed": type(echo).__name__}]
    found: list[dict[str, Any]] = []
    for name, value in wanted.items():
        if name not in IGNORED and name != "charge" and not _weighed(name, value, echo):
            _compare(name, value, echo.get(name), found)
    return found[:LIMIT]


def _weighed(name: str, value: Any, echo: dict[str, Any]) -> bool:
    rows = echo.get("amendment")
    return isinstance(rows, list) and any(
        isinstance(row, dict) and row.get("attribute") == name and _same(row.get("to"), value) for row in rows
    )


def _compare(path: str, sent: Any, got: Any, found: list[dict[str, Any]]) -> None:
    if isinstance(sent, dict) and isinstance(got, dict):
        for name, value in sent.items():
            if name not in IGNORED:
                _compare(f"{path}.{name}", value, got.get(name), found)
    elif isinstance(sent, list) and isinstance(got, list):
        for index, value in enumerate(sent):
            if not any(_covers(value, other) for other in got):
                _compare(f"{path}[{index}]", value, _twin(value, got, index), found)
    elif not _same(sent, got):
        found.append({"field": path, "sent": sent, "echoed": got})


def _covers(sent: Any, got: Any) -> bool:
    inner: list[dict[str, Any]] = []
    _compare("", sent, got, inner)
    return not inner


def _twin(sent: Any, rows: list[Any], index: int) -> Any:
    """The row that is meant: the same id or name, else the same place."""
    for name in ("id", "name"):
        if isinstance(sent, dict) and name in sent:
            return next((row for row in rows if isinstance(row, dict) and row.get(name) == sent[name]), None)
    return rows[index] if index < len(rows) else None


def _same(sent: Any, got: Any) -> bool:
    if sent == got or str(sent) == str(got):
        return True
    try:
        return datetime.fromisoformat(str(sent)) == datetime.fromisoformat(str(got))
    except (ValueError, TypeError):
        return False
