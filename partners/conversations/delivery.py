"""Deliver what is due at one endpoint: claim, send in threads, write back under the fence (HUB 3.3, 4.3).

Only this module's main thread touches the database; the threads do input and output. Nothing is sent once the lease is
too old to cover the sending, so a worker that was paused cannot send what another has taken over.
"""

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from ofx.core.tracing import STORED, bound
from partners.connectors.base import NEVER, UNKNOWN, Connector, Delivered, Job
from partners.connectors.registry import connector_for
from partners.conversations.claim import Claim, alone, claim_outgoing, worker_name
from partners.conversations.models import Attempt, Message
from partners.conversations.outcome import write_back
from partners.mapping.base import Unmappable
from partners.mapping.dialects import mapping_for
from partners.mapping.entities import outbound_of

log = logging.getLogger(__name__)
THREADS = 8
BUDGET_SECONDS = 20.0  # then the task rings again and stands at the end of the queue: every endpoint has its turn
WIRE_LIMIT = 1_000_000


@dataclass(frozen=True)
class Task:
    """One claimed message with all that a thread needs; no query is left to make."""

    claim: Claim
    message: Message
    connector: Connector
    job: Job
    started: float

    @property
    def late(self) -> bool:
        """Whether the rest of the lease no longer covers one request."""
        left = self.claim.lease - (time.monotonic() - self.started)
        return left < self.message.endpoint.timeout_seconds + 1

    def run(self) -> Delivered | None:
        """Find first where an earlier try may have been done, else send. None: the lease is gone, nothing was sent."""
        if self.late:
            return None
        with bound(request_id=self.message.headers.get(STORED), message_id=self.message.pk):
            started = time.monotonic()
            found = self._tried()
            if found is not None:
                known = {"verb": self.job.verb, "endpoint_id": self.message.endpoint_id, "outcome": found.outcome}
                taken = round(1000 * (time.monotonic() - started), 1)
                log.info("delivery", extra={**known, "status": found.status, "ms": taken})
            return found

    def _tried(self) -> Delivered | None:
        try:
            return self._settled() or self._sent()
        except Exception as error:  # a defect of a connector must end as a try of this one message
            log.exception("connector failed")
            return Delivered(UNKNOWN, detail=f"our connector failed: {error!r}"[:500])

    def _sent(self) -> Delivered | None:
        return None if self.late else self.connector.deliver(self.message.endpoint, self.job)

    def _settled(self) -> Delivered | None:
        """What an earlier try came to; None where the partner knows nothing of it, so that it may be sent (rule 3)."""
        creating = self.job.verb == "create"
        again = self.claim.attempt > 1 and (creating or self.claim.before == UNKNOWN)
        if not again or self.connector.repeats_safely:
            return None
        if creating and not self.message.endpoint.finds_by_key:
            return self._ambiguous() if self.claim.before == UNKNOWN else None
        found = self.connector.find(self.message.endpoint, self.job)
        if found.state == "absent":
            return None
        if found.state == "unsure":
            words = f"looking it up failed: {found.detail}"
            asked = found.retry_after
            return Delivered(UNKNOWN, found.status, detail=words, fault=found.fault, retry_after=asked)
        detail = "found at the partner: an earlier try had been done"
        if found.several:
            detail = "found more than once at the partner under our key: the oldest was taken"
        return Delivered("success", found.status, found.external_id, found.echo, detail)

    def _ambiguous(self) -> Delivered:
        text = "whether the partner has it is unknown, and it cannot be looked up by our key: ask the partner"
        return Delivered(NEVER, detail=text, fault="ambiguous")


def drain(endpoint_id: int, clock: Callable[[], datetime], *, budget: float = BUDGET_SECONDS) -> tuple[int, bool]:
    """Deliver until nothing is due or the budget (seconds) is spent. Returns how many tries were made, and whether
    there may be more to do at once. Nothing is done where another worker is at this endpoint."""
    with alone(endpoint_id) as mine:
        return work(endpoint_id, clock, budget) if mine else (0, False)


def work(endpoint_id: int, clock: Callable[[], datetime], budget: float) -> tuple[int, bool]:
    """The loop of a drain; safe beside others, since every message is claimed."""
    worker, started, done = worker_name(), time.monotonic(), 0
    running: dict[Future[Delivered | None], Task] = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="deliver") as pool:
        while True:
            in_time = time.monotonic() - started < budget
            if in_time and len(running) < THREADS:
                for task in _claimed(endpoint_id, THREADS - len(running), worker, clock):
                    running[pool.submit(task.run)] = task
            if not running:
                return done, not in_time
            over = wait(running, timeout=0.5, return_when=FIRST_COMPLETED).done
            _end_all([(running.pop(future), future.result()) for future in over], clock())
            done += len(over)


def _claimed(endpoint_id: int, room: int, worker: str, clock: Callable[[], datetime]) -> list[Task]:
    """The next messages, ready to be sent; what they need is written in one commit for all of them."""
    started, claims = time.monotonic(), claim_outgoing(endpoint_id, room, worker)
    if not claims:
        return []
    at = clock()
    with transaction.atomic():
        rows = Message.objects.select_related("endpoint", "leg").in_bulk([claim.id for claim in claims])
        Attempt.objects.bulk_create(
            Attempt(message_id=claim.id, number=claim.attempt, worker=claim.worker, started_at=at) for claim in claims
        )
        made = [_prepared(claim, rows[claim.id], started, at) for claim in claims]
        tasks = [task for task in made if task is not None]
        Message.objects.bulk_update([task.message for task in tasks], ["wire", "mapping_version"])
    return tasks


def _end_all(ended: list[tuple[Task, Delivered | None]], at: datetime) -> None:
    """Outcomes that came together are committed together; where that fails, each by itself."""
    told = [(task, delivered) for task, delivered in ended if delivered is not None]
    told.sort(key=lambda pair: pair[0].claim.leg_id or 0)  # locks in one order
    try:
        with transaction.atomic():
            lost = [task for task, delivered in told if not write_back(task.claim, delivered, at=at)]
    except Exception:
        for task, delivered in told:
            _end(task, delivered, at)
    else:
        for task in lost:
            log.warning("lease lost: the outcome was not written", extra={"message_id": task.message.pk})


def _end(task: Task, delivered: Delivered, at: datetime) -> None:
    try:
        if not write_back(task.claim, delivered, at=at):
            log.warning("lease lost: the outcome was not written", extra={"message_id": task.message.pk})
    except Exception:  # the lease ends and the message is taken up again; the others must flow
        log.exception("the outcome could not be written", extra={"message_id": task.message.pk})


def _prepared(claim: Claim, message: Message, started: float, at: datetime) -> Task | None:
    """The task of a claim; None where it ended already: attempts ran out, or the mapping refused."""
    limit = settings.HUB_MAX_ATTEMPTS * (1 + message.retries)
    if claim.attempt > limit:
        write_back(claim, Delivered(NEVER, detail=f"given up after {limit} attempts", fault="spent"), at=at)
        return None
    try:
        return Task(claim, message, connector_for(message.endpoint.kind), _job(message), started)
    except (Unmappable, KeyError, TypeError, ValueError) as error:
        write_back(claim, Delivered(NEVER, detail=f"the mapping refused it: {error}"), at=at)
        return None


def _job(message: Message) -> Job:
    """The partner's form of the message, to be kept beside the neutral one. Raises Unmappable."""
    leg, endpoint = message.leg, message.endpoint
    assert leg is not None
    mapping = mapping_for(endpoint.dialect, endpoint.kind, leg.entity_type)
    order = outbound_of(leg.entity_type, message.canonical)
    wire: dict[str, Any] = mapping.outbound(message.verb, replace(order, external_id=leg.external_id))
    text = json.dumps(wire, ensure_ascii=False, indent=1)[:WIRE_LIMIT].replace("\x00", "")
    message.wire, message.mapping_version = text, mapping.version
    return Job(message.verb, wire, leg.our_key, leg.external_id, f"{leg.our_key}.{message.pk}", leg.entity_type)
