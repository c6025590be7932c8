"""Post what is due: signed, in order for each resource, again later where it was not taken (HUB 6.6).

Only the main thread touches the database; threads do input and output.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from standardwebhooks import Webhook

from ofx.core import outbound
from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.tmf.hub.claim import Claim, alone, claim, worker_name
from ofx.tmf.hub.models import Notification, Subscription
from partners.conversations.pauses import breaker_pause, from_now, retry_pause

log = logging.getLogger(__name__)
THREADS = 8
TIMEOUT_SECONDS = 10.0
BUDGET_SECONDS = 10.0
ANSWER_BYTES = 65_536


@dataclass(frozen=True)
class Outcome:
    """How one try ended. `status` None: there was no answer."""

    status: int | None
    error: str = ""
    retry_after: float | None = None

    @property
    def taken(self) -> bool:
        """Only 2xx is success; a redirect is not."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """410 ends the subscription."""
        return self.status == 410


def address(notification: Notification) -> str:
    """`{callback}/listener/productOrderStateChangeEvent`, or the bare callback where the subscriber asked for it."""
    row = notification.subscription
    if row.bare:
        return row.callback
    name = notification.event_type[0].lower() + notification.event_type[1:]
    path, mark, query = row.callback.partition("?")
    return f"{path.rstrip('/')}/listener/{name}{mark}{query}"


def drain(clock: Callable[[], datetime], *, budget: float = BUDGET_SECONDS) -> int:
    """Send until nothing is due or the budget (seconds) is spent. Returns how many tries were made."""
    with alone() as mine:
        return _work(clock, budget) if mine else 0


def _work(clock: Callable[[], datetime], budget: float) -> int:
    worker, started, done = worker_name(), time.monotonic(), 0
    with ThreadPoolExecutor(THREADS, thread_name_prefix="notify") as pool:
        while time.monotonic() - started < budget:
            claims = claim(THREADS, worker)
            if not claims:
                break
            rows = {row.pk: row for row in _loaded(claims)}
            waiting = [(one, rows[one.id]) for one in claims if one.id in rows]
            at = clock()
            futures = [(one, row, pool.submit(send, row, at)) for one, row in waiting]
            for one, row, future in futures:
                _write_back(one, row, future.result(), clock())
                done += 1
    return done


def _loaded(claims: list[Claim]) -> list[Notification]:
    return list(Notification.objects.select_related("subscription").filter(pk__in=[one.id for one in claims]))


def send(notification: Notification, at: datetime) -> Outcome:
    """One signed POST. Never raises for what the other side does."""
    body = orjson.dumps(notification.body)
    identifier = str(notification.event_id)
    # The clock of the signature is the real one: the receiver compares it with its own.
    moment = datetime.now(UTC)
    try:
        signature = Webhook(notification.subscription.secret).sign(identifier, moment, body.decode())
        reply = outbound.request(
            "POST",
            address(notification),
            headers={
                "Content-Type": "application/json;charset=utf-8",
                "Accept": "application/json",
                "webhook-id": identifier,
                "webhook-timestamp": str(int(moment.timestamp())),
                "webhook-signature": signature,
            },
            body=body,
            timeout=TIMEOUT_SECONDS,
            max_bytes=ANSWER_BYTES,
        )
    except (outbound.NotSent, outbound.Unanswered) as error:
        return Outcome(None, str(error))
    except Exception as error:  # a defect must end as a try of this one notification
        log.exception("notification failed", extra={"notification_id": notification.pk})
        return Outcome(None, repr(error)[:300])
    asked = reply.headers.get("retry-after", "")
    pause = float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else None
    return Outcome(reply.status, "" if 200 <= reply.status < 300 else f"HTTP {reply.status}", pause)


def _write_back(one: Claim, row: Notification, outcome: Outcome, at: datetime) -> None:
    with transaction.atomic():
        mine = Notification.objects.filter(**one.fence)
        values = {"lease_until": None, "last_status": outcome.status, "last_error": outcome.error[:500]}
        if outcome.taken:
            if mine.update(**values, state="delivered", ended_at=at):
                healthy = {"failures": 0, "open_until": None, "last_error": "", "last_success_at": at}
                Subscription.objects.filter(pk=row.subscription_id).update(**healthy)
            return
        if mine.update(**values, next_attempt_at=from_now(retry_pause(one.attempt, outcome.retry_after))):
            _failed(row.subscription_id, outcome, at)


def _failed(subscription_id: int, outcome: Outcome, at: datetime) -> None:
    """The callback rests after several failures in a row; 410 ends the subscription."""
    row = Subscription.objects.select_for_update(no_key=True).filter(pk=subscription_id).first()
    if row is None:
        return
    row.failures += 1
    row.last_error = outcome.error[:300]
    if outcome.gone:
        row.state = Subscription.State.GONE
        Notification.objects.filter(subscription=row, state="queued").update(state="failed", ended_at=at)
    elif row.failures >= settings.HUB_BREAKER_FAILURES:
        Subscription.objects.filter(pk=row.pk).update(open_until=from_now(breaker_pause(row.failures)))
    row.save(update_fields=["failures", "last_error", "state"])
    if outcome.gone or row.failures == settings.HUB_BREAKER_FAILURES:
        subject = f"subscription:{row.pk}"
        told = {"subscription_id": row.pk, "callback": row.callback, "reason": row.last_error}
        publish("subscription.failing", subject, at=at, organisation_id=row.organisation_id, **told)


def give_up(at: datetime) -> int:
    """End what nobody has taken for settings.NOTIFY_DAYS days. Returns how many."""
    limit = Now() - timedelta(days=settings.NOTIFY_DAYS)
    with transaction.atomic():
        late = Notification.objects.select_for_update(skip_locked=True).filter(state="queued", created_at__lt=limit)
        found = list(late.values_list("pk", "subscription_id", "organisation_id")[:1000])
        Notification.objects.filter(pk__in=[pk for pk, _, _ in found]).update(state="failed", ended_at=at)
        for subscription, organisation in {(one, org) for _, one, org in found}:
            subject, verb = f"subscription:{subscription}", "gave up notifications"
            record(
                actor=None, subject=subject, verb=verb, at=at, organisation_id=organisation, days=settings.NOTIFY_DAYS
            )
    return len(found)
