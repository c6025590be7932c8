"""The worker's part: claim what is due at one endpoint, ask in threads, write down what was said.

One worker at a time drains an endpoint, so a partner that hangs takes one worker's slot, never all; inside it several
questions run at once. Connectors touch no database, so only this module's own thread does.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from ofx.core.events.actions import publish
from ofx.search.live.models import LiveGate, LiveQuery
from ofx.search.live.statements import CLAIM, DUE, EXPIRE, NEXT_DUE
from partners.connectors.tmf679.answers import ANSWERED, REFUSED, WAITING, Product, Question, Told
from partners.connectors.tmf679.client import ask, read_on, service_of
from partners.conversations.pauses import breaker_pause, from_now
from partners.conversations.storable import line, tree
from partners.models import Offering

TOGETHER = 8  # questions to one endpoint at once
CALL_SECONDS = 8.0  # the longest that one call may take, whatever the endpoint allows for orders
BUDGET_SECONDS = 12.0  # how long one worker stays with one endpoint
WAIT_SECONDS = 1.5  # the longest that it waits there for a partner that answers by and by
LOCK = 0x0F5
DEFAULT_VALID = timedelta(hours=24)  # planning default, where the partner does not say
LONGEST_VALID = timedelta(days=90)
MOST_PRODUCTS = 50
Clock = Callable[[], datetime]


def due_endpoints() -> list[int]:
    """Endpoints that have a question to be asked now."""
    return [int(row[0]) for row in _rows(DUE, {})]


def expire(at: datetime) -> int:
    """End the questions whose time is over."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRE, {"at": at})
        return int(cursor.rowcount)


def drain(endpoint_id: int, clock: Clock, budget: float = BUDGET_SECONDS) -> int:
    """Ask what is due at one endpoint. Returns how many calls were made; none where another worker is at it."""
    until, calls = time.monotonic() + budget, 0
    with _alone(endpoint_id) as mine:
        while mine and time.monotonic() < until:
            done = work(endpoint_id, clock)
            calls += done
            if not done and not _wait(endpoint_id, until):
                break
    expire(clock())
    return calls


def _wait(endpoint_id: int, until: float) -> bool:
    """Wait for the next question that is due soon; False where there is none."""
    pause = _rows(NEXT_DUE, (endpoint_id,))[0][0]
    if pause is None or pause > WAIT_SECONDS or time.monotonic() + pause > until:
        return False
    time.sleep(max(pause, 0.02))
    return True


def work(endpoint_id: int, clock: Clock, only: list[int] | None = None, seconds: float = CALL_SECONDS) -> int:
    """Claim once, ask all of it at the same time, write each answer as it comes. Returns how many were asked."""
    return _ask_all(_claim(endpoint_id, only), clock, seconds)


def work_together(asked: list[tuple[int, int]], clock: Clock, seconds: float) -> int:
    """The same for some questions (id, endpoint id) to several endpoints at once. Returns how many were asked."""
    by_endpoint: dict[int, list[int]] = {}
    for question, endpoint in asked:
        by_endpoint.setdefault(endpoint, []).append(question)
    rows = [row for endpoint, ids in by_endpoint.items() for row in _claim(endpoint, ids)]
    return _ask_all(rows, clock, min(seconds, CALL_SECONDS))


def still_open(asked: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of some questions that have no end yet."""
    rows = LiveQuery.objects.filter(pk__in=[question for question, _ in asked], state="asked")
    opened = set(rows.values_list("pk", flat=True))
    return [one for one in asked if one[0] in opened]


def _ask_all(rows: list[LiveQuery], clock: Clock, seconds: float) -> int:
    if not rows:
        return 0
    pool = ThreadPoolExecutor(max_workers=len(rows))
    try:
        calls = {pool.submit(_call, row, question_of(row), clock(), seconds): row for row in rows}
        for call in as_completed(calls):
            write_back(calls[call], call.result(), clock())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return len(rows)


def _claim(endpoint_id: int, only: list[int] | None) -> list[LiveQuery]:
    values = {
        "endpoint": endpoint_id,
        "limit": TOGETHER,
        "lease": CALL_SECONDS * 2,
        "breaker": settings.HUB_BREAKER_FAILURES,
        "only": only,
    }
    ids = [int(row[0]) for row in _rows(CLAIM, values)]
    return list(LiveQuery.objects.select_related("endpoint", "place", "address").filter(pk__in=ids)) if ids else []


def question_of(row: LiveQuery) -> Question:
    """The place, and everything that the operator sells as a line."""
    sold = Offering.objects.filter(operator=row.operator_id, active=True, kind__in=["broadband", "ethernet"])
    products = tuple(Product(*one) for one in sold.values_list("code", "name", "technology")[:MOST_PRODUCTS])
    return Question(
        key=f"ofx-live-{row.pk}",
        country=row.country,
        postcode=row.code,
        text=row.address.text if row.address else "",
        uprn=row.address.uprn if row.address else "",
        products=products,
    )


def _call(row: LiveQuery, question: Question, at: datetime, seconds: float) -> Told:
    """In a thread: HTTP only."""
    service = service_of(row.endpoint, row.api, seconds)
    if row.external_id:
        return read_on(service, row.api, question, row.external_id, at)
    return ask(service, row.api, question, at)


def write_back(row: LiveQuery, told: Told, at: datetime) -> bool:
    """Write how one call ended, under the fence of its attempt. False where the lease was lost meanwhile."""
    values: dict[str, Any] = {"lease_until": None, "detail": line(told.detail)[:300]}
    if told.state == ANSWERED:
        values |= _answer(told, at)
    elif told.state == REFUSED:
        values |= {"state": "failed", "ended_at": at}
    elif told.state == WAITING:
        pause = min(WAIT_SECONDS, 0.3 * 2 ** min(row.attempt, 4))
        values |= {"external_id": line(told.external_id), "due_at": from_now(timedelta(seconds=pause))}
    else:
        pause = max(told.retry_after or 0.0, 0.5 * 2 ** min(row.attempt - 1, 4))
        values["due_at"] = from_now(timedelta(seconds=pause))
    with transaction.atomic():
        mine = LiveQuery.objects.filter(pk=row.pk, state="asked", attempt=row.attempt)
        if not mine.update(**values):
            return False
        _gate(row, told)
        _drift(row, told, at)
    return True


def _answer(told: Told, at: datetime) -> dict[str, Any]:
    until = told.valid_until or at + DEFAULT_VALID
    return {
        "state": "answered",
        "ended_at": at,
        "available": any(one.available for one in told.lines),
        "lines": tree([one.as_json() for one in told.lines]),
        "valid_until": min(until, at + LONGEST_VALID),
        "detail": "",
    }


def _gate(row: LiveQuery, told: Told) -> None:
    """The breaker of this live service: as many failures in a row as for orders open it, for as long (HUB item 22)."""
    assert row.endpoint is not None
    if told.alive:
        LiveGate.objects.filter(endpoint=row.endpoint).exclude(failures=0).update(failures=0, open_until=None)
        return
    LiveGate.objects.get_or_create(endpoint=row.endpoint)
    gate = LiveGate.objects.select_for_update().get(endpoint=row.endpoint)
    gate.failures += 1
    values: dict[str, Any] = {"failures": gate.failures, "last_error": line(told.detail)[:300]}
    if gate.failures >= settings.HUB_BREAKER_FAILURES:
        values["open_until"] = from_now(breaker_pause(gate.failures))
    LiveGate.objects.filter(pk=gate.pk).update(**values)


def _drift(row: LiveQuery, told: Told, at: datetime) -> None:
    """Words that no table knows are told, never swallowed (DOMAIN R10)."""
    if told.unknown:
        words = {"endpoint_id": row.endpoint_id, "message_id": None, "words": tree(list(told.unknown))}
        publish("mapping.drifted", f"endpoint:{row.endpoint_id}", at=at, organisation_id=row.organisation_id, **words)


@contextmanager
def _alone(endpoint_id: int) -> Iterator[bool]:
    """Whether we are the only worker at this endpoint."""
    mine = bool(_rows("SELECT pg_try_advisory_lock(%s, %s)", (LOCK, endpoint_id))[0][0])
    try:
        yield mine
    finally:
        if mine:
            _rows("SELECT pg_advisory_unlock(%s, %s)", (LOCK, endpoint_id))


def _rows(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def forget(at: datetime) -> int:
    """Delete questions that nobody can use any more; verdicts keep what was learnt."""
    old = LiveQuery.objects.filter(asked_at__lt=at - timedelta(days=180)).exclude(due_at__gt=Now())
    return int(old.filter(pk__in=list(old.values_list("pk", flat=True)[:5000])).delete()[0])
