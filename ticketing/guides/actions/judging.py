"""What became of runs that nobody ended: left, abandoned; and of fixes after seven days (DOMAIN 9.4)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from ticketing.guides.actions.ending import CONFIRM_AFTER
from ticketing.guides.actions.running import settle
from ticketing.guides.models import GuideRun
from ticketing.guides.moving import move, tell
from ticketing.tickets.models import Ticket

IDLE_AFTER = timedelta(minutes=30)  # planning default: nobody has touched it for so long
ABANDONED_WITHIN = timedelta(seconds=90)  # DOMAIN 9.4
BATCH = 500


def settle_tests(*, at: datetime) -> int:
    """Go on where a test has ended and no page and no event has noticed."""
    waiting = GuideRun.objects.filter(
        state="running", steps__answered_at=None, steps__superseded_at=None, steps__test__isnull=False
    )
    runs = list(waiting.distinct().order_by("last_at")[:BATCH])
    for run in runs:
        settle(run=run, at=at)
    return len(runs)


def leave_idle(*, at: datetime) -> int:
    """Runs that nobody has touched for half an hour were left; they can be taken up again until they are judged."""
    idle = GuideRun.objects.filter(state="running", last_at__lt=at - IDLE_AFTER).order_by("last_at")
    runs = list(idle[:BATCH])
    for run in runs:
        left(run, at)
    return len(runs)


def left(run: GuideRun, at: datetime) -> None:
    """Abandoned within 90 seconds or without a step; else it waits a week for a contact (DOMAIN 9.4)."""
    when = run.last_at
    abandoned = run.first_step_at is None or when - run.offered_at < ABANDONED_WITHIN
    changes = {"outcome": "abandoned"} if abandoned else {"outcome": "waiting", "judge_at": when + CONFIRM_AFTER}
    with transaction.atomic():
        move(run, "left", at=at, actor=None, **({} if run.trial else changes))
        GuideRun.objects.filter(pk=run.pk).update(last_at=when, ended_at=when)
        if abandoned and not run.trial:
            tell(run, "abandoned", at=at, actor=None)


def judge_due(*, at: datetime) -> int:
    """Seven days later: confirmed or implied where nobody called about the same fault, else they came back."""
    runs = list(GuideRun.objects.filter(judge_at__lte=at).order_by("judge_at")[:BATCH])
    for run in runs:
        judge(run, at)
    return len(runs)


def judge(run: GuideRun, at: datetime) -> None:
    """The final outcome of one run; judging twice gives the same."""
    if contact_after(run) is not None:
        outcome = "recontacted"
    else:
        outcome = "confirmed" if run.state == "fixed" else "implied"
    with transaction.atomic():
        if GuideRun.objects.filter(pk=run.pk, judge_at=run.judge_at).update(outcome=outcome, judge_at=None):
            run.outcome, run.judge_at = outcome, None
            tell(run, outcome, at=at, actor=None)


def contact_after(run: GuideRun) -> Ticket | GuideRun | None:
    """A contact for the same fault within seven days after the run: a ticket by any channel, or another run.

    The same fault: of the same service whatever it was called, or of the same customer and class without a service.
    """
    since = run.ended_at or run.last_at
    until = since + CONFIRM_AFTER
    tickets: QuerySet[Ticket] = Ticket.objects.filter(created_at__gt=since, created_at__lte=until)
    tickets = tickets.exclude(fault_class__in=("order", "billing")).exclude(channel__in=("proactive", "outage"))
    runs = GuideRun.objects.filter(offered_at__gt=since, offered_at__lte=until, trial=False).exclude(pk=run.pk)
    if run.service_id:
        same = Q(service_id=run.service_id)
    elif run.customer_id:
        same = Q(customer_id=run.customer_id, fault_class=run.fault_class)
    else:
        return None
    mine = Q(organisation_id=run.organisation_id)
    return tickets.filter(mine & same).first() or runs.filter(mine & same).first()
