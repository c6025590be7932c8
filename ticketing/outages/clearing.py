"""The end of an outage: every child is tested again, and only the still failing stay open (DOMAIN 9.3).

Tests are started at a bounded rate. A child whose service cannot be tested ends with the cause; its customer is asked
to say if it still fails, as for every resolved ticket (R22).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from ofx.core.audit.actions import record
from ofx.core.sweeps import each
from ofx.core.transitions import IllegalTransition, transition
from partners.models import Operator
from ticketing.outages import holding
from ticketing.outages.models import Outage, OutageChild, OutageJob
from ticketing.outages.statements import CLEAR
from ticketing.outages.vocabulary import HELD, RETEST_TRIES, RETEST_WAIT_MINUTES
from ticketing.tickets import actions as tickets
from ticketing.tickets.models import ServiceTest, Ticket
from ticketing.tickets.testing import ConsentNeeded, NotTestable, start_test, testable
from ticketing.tickets.vocabulary import ENDED

NO_RESULT = "its test gave no result: a person decides"
AGAIN = timedelta(minutes=2)
TEXT_FIXED = "The outage {reference} is over, and your service passed its test."
TEXT_UNTESTED = "The outage {reference} is over. Tell us if your service still does not work."


def clear_chunk(outage: Outage, ids: list[int], *, at: datetime) -> int:
    """Send these children to their test, or end them where none is possible. Call it inside a transaction."""
    if not ids:
        return 0
    values: dict[str, Any] = {"ids": ids, "at": at, "cleared": outage.cleared_at or at, "testable": _testable(outage)}
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, values)
        moved = cursor.fetchall()
    ended = [ticket for _, ticket, state in moved if state == "ok" and ticket]
    _resolve(outage, ended, TEXT_UNTESTED, at)
    return len(moved)


def _testable(outage: Outage) -> list[int]:
    """Operators of its parties whose system runs tests for this tenant."""
    rows = Operator.objects.filter(pk__in=outage.parties.exclude(operator=None).values("operator"))
    return [row.pk for row in rows if testable(operator=row, organisation=outage.organisation)]


def _under_test() -> QuerySet[OutageChild]:
    """Children under test. One that was opened again is not, though the worker has not come to it yet."""
    back = OutageJob.objects.filter(outage=OuterRef("outage"), kind="reopen").exclude(state="done")
    return OutageChild.objects.filter(~Exists(back), state="retesting", outage__state="clearing")


def start_due(*, at: datetime, seconds: int) -> int:
    """Start the tests that are due, at most as many as the rate allows in so many seconds. Returns how many."""
    most = max(1, settings.OUTAGE_RETESTS * seconds // 60)
    due = _under_test().filter(test=None, test_due_at__lte=at)
    picked = list(due.order_by("test_due_at", "pk").values_list("pk", flat=True)[:most])
    return each(picked, partial(_start, at=at))


def _start(child_id: int, at: datetime) -> bool:
    """One test, in a transaction of its own; a second worker finds the child locked or with its test."""
    with transaction.atomic():
        rows = OutageChild.objects.select_for_update(skip_locked=True, of=("self",))
        child = rows.filter(pk=child_id, test=None, pk__in=_under_test().values("pk")).first()
        if child is None:
            return False
        service = child.service or (child.ticket.service if child.ticket else None)
        try:
            if service is None:
                raise NotTestable("nothing to test")
            over = child.outage.cleared_at or at
            test = start_test(service=service, actor=None, at=at, ticket=child.ticket, why="outage", after=over)
        except (ConsentNeeded, NotTestable) as error:
            _end(child, at, f"not tested: {error}"[:300], TEXT_UNTESTED)
            return False
        OutageChild.objects.filter(pk=child.pk).update(test=test, test_tries=F("test_tries") + 1)
    return True


def hear_test(*, test: ServiceTest, at: datetime) -> None:
    """A re-test ended: green ends the child, anything else leaves it open; no result is tried once more."""
    waiting = _under_test().filter(test=test)
    # The mother before her children, as every action does: a reopening meanwhile waits and is not in each other's way.
    list(Outage.objects.select_for_update(of=("self",)).filter(pk__in=waiting.values("outage")).order_by("pk"))
    children = waiting.select_for_update(of=("self",)).select_related("outage", "ticket", "service")
    for child in children:
        if test.state == "completed" and test.colour == "green":
            _end(child, at, "tested: works", TEXT_FIXED)
        elif test.state == "completed":
            _stay(child, f"tested: {test.text or test.code or test.get_colour_display()}"[:300], at)
        elif child.test_tries < RETEST_TRIES:
            OutageChild.objects.filter(pk=child.pk).update(test=None, test_due_at=at + AGAIN)
        else:
            _stay(child, NO_RESULT, at)
        settle(outage_id=child.outage_id, at=at)


def give_up_waiting(*, at: datetime) -> int:
    """Tests that nobody answers: after an hour a person decides. Those whose turn has not come yet go on waiting."""
    late = at - timedelta(minutes=RETEST_WAIT_MINUTES)
    rows = _under_test().filter(test__requested_at__lte=late)
    rows = rows.select_related("outage", "service")
    found = list(rows.select_related("ticket")[:500])
    done = each(found, partial(_stay, reason=NO_RESULT, at=at))
    each({child.outage_id for child in found}, lambda pk: settle(outage_id=pk, at=at))
    return done


def _end(child: OutageChild, at: datetime, reason: str, text: str) -> None:
    outage = child.outage
    ended = max(child.started_at, outage.cleared_at or at)
    moved = OutageChild.objects.filter(pk=child.pk, state__in=[*HELD, "still_down"])
    if moved.update(state="ok", reason=reason, ended_at=ended) and child.ticket_id:
        _resolve(outage, [child.ticket_id], text, at)


def _stay(child: OutageChild, reason: str, at: datetime) -> bool:
    """Still down: it stays open, as a fault of its own with a ticket, which may now be raised with the partner.

    False where something else was decided about it meanwhile.
    """
    if not OutageChild.objects.filter(pk=child.pk, state="retesting").update(state="still_down", reason=reason):
        return False
    if child.ticket is not None and _goes_on(child.ticket, f"{child.outage.reference} is cleared: {reason}", at):
        holding.release(child.ticket, child.outage_id, at=at)
        tickets.add_note(
            ticket=child.ticket, actor=None, at=at, author="system", dedupe_key=f"outage-still:{child.pk}",
            text=f"{child.outage.reference} is cleared, but this service still fails ({reason}).",
        )  # fmt: skip
    elif child.service is not None:
        row = open_own_ticket(child, at=at)
        OutageChild.objects.filter(pk=child.pk).update(ticket=row)
    return True


def _goes_on(ticket: Ticket, why: str, at: datetime) -> bool:
    """Whether somebody works on this ticket, or on the one that took it in; one that was resolved is opened again."""
    ticket.refresh_from_db(fields=["state", "merged_into"])
    if ticket.state == "resolved":
        try:
            tickets.reopen(ticket=ticket, actor=None, at=at, why=why[:300], tell_partner=False)
        except IllegalTransition:  # its time to object is over
            return False
    return ticket.state not in ENDED or ticket.merged_into_id is not None


def open_own_ticket(child: OutageChild, *, at: datetime) -> Ticket:
    """A fault of its own for a customer who is still without and has no open ticket."""
    assert child.service is not None
    service = child.service
    return tickets.open_ticket(
        actor=None,
        at=at,
        organisation=child.outage.organisation,
        title=f"Still down after {child.outage.reference}"[:200],
        description=f"{child.outage.title}. The cause is gone, but this service still fails its test.",
        customer=service.customer,
        service=service,
        fault_class="no_connection",
        channel="outage",
        severity=child.outage.severity,
        impact=child.outage.impact,
        idempotency_key=f"outage:{child.outage_id}:{service.pk}" + (f":{child.ticket_id}" if child.ticket_id else ""),
        simulated=child.outage.simulated,
    )


def _resolve(outage: Outage, numbers: Iterable[int], text: str, at: datetime) -> None:
    """Children's tickets are resolved as any other: their customers may still object."""
    rows = Ticket.objects.filter(pk__in=list(numbers)).exclude(state__in=[*ENDED, "resolved"])
    for ticket in rows.order_by("pk"):
        tickets.resolve(
            ticket=ticket,
            actor=None,
            at=at,
            fix=text.format(reference=outage.reference),
            cause=outage.cause or outage.title,
            verdict="partner" if outage.operator_id else "us",
            tier="partner" if outage.operator_id else "l1",
        )


def settle(*, outage_id: int, at: datetime) -> bool:
    """A clearing outage without a child under test is cleared. Returns whether it is so now."""
    with transaction.atomic():
        outage = Outage.objects.select_for_update(of=("self",)).get(pk=outage_id)
        if outage.state != "clearing":
            return False
        waiting = OutageChild.objects.filter(outage=outage, state__in=HELD).exists()
        if waiting or OutageJob.objects.filter(outage=outage).exclude(state="done").exists():
            return False
        transition(outage, "cleared", at=at, actor=None, why="every child was tested again")
    return True


def settle_due(*, at: datetime) -> int:
    """Outages whose last child under test was taken out, or could not be tested at all, are cleared as well."""
    clearing = Outage.objects.filter(state="clearing").order_by("pk").values_list("pk", flat=True)
    return each(list(clearing), lambda pk: settle(outage_id=pk, at=at))


def close_due(*, at: datetime, hours: int) -> int:
    """Cleared for so long and nobody still down: closed by itself."""
    down = OutageChild.objects.filter(outage=OuterRef("pk"), state="still_down")
    rows = Outage.objects.filter(~Exists(down), state="cleared", cleared_at__lte=at - timedelta(hours=hours))
    return each(list(rows.order_by("pk")[:50]), partial(_close, at=at))


def _close(outage: Outage, *, at: datetime) -> bool:
    transition(outage, "closed", at=at, actor=None, why="nobody is still down", closed_at=at)
    return True


def decide(child: OutageChild, *, works: bool, at: datetime, why: str, who: object) -> None:
    """A person's word on a child that is still down, or that no test could judge."""
    outage = child.outage
    if works:
        _end(child, at, why, TEXT_UNTESTED)
    else:
        OutageChild.objects.filter(pk=child.pk).update(state="detached", reason=why[:300])
    verb = "said that a child works" if works else "took a child out"
    record(
        actor=who, subject=f"outage:{outage.pk}", verb=verb, at=at, organisation_id=outage.organisation_id,
        child=str(child), why=why,
    )  # fmt: skip
