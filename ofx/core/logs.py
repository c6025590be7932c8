"""Structured logs: one JSON line an event, with the ids that lead through all processes; no secrets, no addresses."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

MASK = "••••"
EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
CREDENTIAL = re.compile(r"(?i)\b(bearer|basic|ar-jwt)\s+[^\s\"',]+")
# A key or token anywhere in a text: long, and of all kinds of characters. Ids of ours are of small letters alone.
TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{20,}(?![\w-])")
IN_URL = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
SECRET_NAMES = re.compile(r"(?i)password|passwd|secret|token|authorization|cookie|api.?key|inbound_key|signature")
PERSONAL_NAMES = re.compile(r"(?i)e.?mail|phone|contact|address$")
KEPT = {"timestamp", "level", "logger", "request_id", "task_id", "task", "message_id", "route", "method"}


def scrubbed(text: str) -> str:
    """The text without credentials, keys and mail addresses."""
    text = IN_URL.sub(f"://{MASK}@", CREDENTIAL.sub(rf"\1 {MASK}", text))
    return TOKEN.sub(MASK, EMAIL.sub(MASK, text))


def _clean(name: str, value: Any) -> Any:
    if name in KEPT or isinstance(value, int | float | None):
        return value
    if SECRET_NAMES.search(name) or PERSONAL_NAMES.search(name):
        return MASK
    if isinstance(value, dict):
        return {key: _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_clean("", inner) for inner in value]
    return scrubbed(value if isinstance(value, str) else str(value))


def scrub(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Last before the line is written: whoever wrote it, nobody's address and no secret stands in it."""
    return {name: _clean(name, value) for name, value in event.items()}


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def formatter() -> logging.Formatter:
    """The formatter that settings.LOGGING names: standard records in, JSON lines out."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            scrub,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=SHARED,
    )
