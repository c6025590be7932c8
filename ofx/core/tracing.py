"""One id from the request through the worker to the partner, on every log line of the way.

It travels in context variables within a process, in a header of Celery's messages to the worker, beside a stored
message until it is sent, and in `X-Request-ID` over HTTP.
"""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from celery.signals import before_task_publish, task_postrun, task_prerun

log = logging.getLogger(__name__)
HEADER = "X-Request-ID"
STORED = "x-request-id"  # beside a stored message
_LONGEST = 64


def given_or_new(text: str) -> str:
    """The caller's id where it is a plain one, else a new one."""
    text = text[:_LONGEST]
    return text if text.isascii() and text.replace("-", "").isalnum() else uuid.uuid4().hex


def current() -> str:
    """The id of what is going on; empty outside of everything."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def stored() -> dict[str, str]:
    """What is kept beside a message, so that whoever takes it up later goes on under the same id."""
    return {STORED: current()} if current() else {}


@contextmanager
def bound(**values: Any) -> Iterator[None]:
    """Put these on every log line written meanwhile; empty values are left out."""
    with structlog.contextvars.bound_contextvars(**{name: value for name, value in values.items() if value}):
        yield


@before_task_publish.connect(weak=False)
def _send_along(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    """Celery calls this in the process that rings for a worker."""
    if headers is not None and (request_id := current()):
        headers["request_id"] = request_id


@task_prerun.connect(weak=False)
def _take_up(task: Any = None, task_id: str = "", **kwargs: Any) -> None:
    """Celery calls this in the worker before a task."""
    if task is None or task.request.is_eager:
        return
    request_id = getattr(task.request, "request_id", None)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)
    if isinstance(request_id, str):
        structlog.contextvars.bind_contextvars(request_id=given_or_new(request_id))


@task_postrun.connect(weak=False)
def _put_down(task: Any = None, state: str = "", **kwargs: Any) -> None:
    """Celery calls this in the worker after a task. What was rung for by a request leaves a line."""
    if task is None or task.request.is_eager:
        return
    if current():
        log.info("task ended", extra={"state": state})
    structlog.contextvars.clear_contextvars()
