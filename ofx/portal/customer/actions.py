"""Complaints: made, answered, taken further, closed. A complaint has its own clock, whatever the fault's is."""

import logging
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from ofx.core.audit.actions import record
from ofx.core.calendars.models import CalendarVersion
from ofx.core.calendars.queries import OutsideCalendar, add_working_days, newest_version
from ofx.core.events.actions import publish
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import transition
from ticketing.models import Complaint, Ticket
from ticketing.tickets.guarding import TicketInvalid, words

log = logging.getLogger(__name__)
ANSWER_DAYS = 10  # working days: a planning default, told to the customer at once
CALENDARS = {"GB": "england-wales", "US": "us-federal"}


class ComplaintInvalid(TicketInvalid):
    """What was given is not taken. `problems`: field → what is wrong and how to put it right."""


def answer_by(*, customer: Organisation, at: datetime) -> datetime:
    """The end of the tenth working day after the complaint, by the calendar of the customer's country."""
    day = timezone.localdate(at)
    try:
        last = add_working_days(newest_version(CALENDARS.get(customer.country, "england-wales")), day, ANSWER_DAYS)
    except (CalendarVersion.DoesNotExist, OutsideCalendar):
        log.warning("no working calendar for complaints", extra={"country": customer.country})
        last = day + timedelta(days=2 * ANSWER_DAYS - 6)  # two weeks hold ten weekdays
    return timezone.make_aware(datetime.combine(last, time(23, 59)))


def make_complaint(*, actor: User, at: datetime, text: str, wish: str = "", ticket: Ticket | None = None) -> Complaint:
    """A customer is not content with us. The same words about the same fault on the same day are one complaint."""
    permit(actor, "ticket.report")
    customer = _customer(actor)
    if ticket is not None and not Ticket.objects.visible_to(actor).filter(pk=ticket.pk).exists():
        raise ComplaintInvalid({"ticket": "Choose one of your own faults."})
    text, wish = words(text, "text", 8000), words(wish, "wish", 2000, needed=False)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=customer.pk)  # two clicks wait for each other
        same = Complaint.objects.filter(customer=customer, made_by=actor, ticket=ticket, text=text, closed_at=None)
        known = same.filter(made_at__date=at.date()).first()
        if known is not None:
            return known
        row = Complaint.objects.create(
            organisation=_provider(customer), customer=customer, ticket=ticket, made_by=actor, text=text, wish=wish,
            reference=f"new-{actor.pk}", made_at=at, answer_by=answer_by(customer=customer, at=at),
        )  # fmt: skip
        row.reference = f"CMP-{row.pk:06d}"
        Complaint.objects.filter(pk=row.pk).update(reference=row.reference)
        _tell(row, "received", actor, at, "made a complaint")
    return row


def answer_complaint(*, complaint: Complaint, actor: User | None, at: datetime, answer: str) -> Complaint:
    """Our answer: the customer reads it, and may take it further. The same answer twice is once."""
    permit(actor, "ticket.write")
    answer = words(answer, "answer", 8000)
    with transaction.atomic():
        row = _locked(complaint, actor)
        if row.state == "answered" and row.answer == answer:
            return row
        transition(row, "answered", at=at, actor=actor, answer=answer, answered_at=at)
    return row


def take_further(*, complaint: Complaint, actor: User, at: datetime, why: str) -> Complaint:
    """The answer does not put it right: a manager looks at it, with a new clock. Twice is once."""
    permit(actor, "ticket.report")
    why = words(why, "why", 2000)
    with transaction.atomic():
        row = _locked(complaint, actor)
        if row.state == "escalated":
            return row
        text = f"{row.text}\n\n{timezone.localdate(at):%-d %B %Y}: {why}"[:8000]
        due = answer_by(customer=row.customer, at=at)
        transition(row, "escalated", at=at, actor=actor, why=why[:300], text=text, answer_by=due)
    return row


def close_complaint(*, complaint: Complaint, actor: User, at: datetime) -> Complaint:
    """It is put right, says the customer; or, once answered, staff for them. Twice is once."""
    customer = _is_customer(actor)
    permit(actor, "ticket.report" if customer else "ticket.write")
    with transaction.atomic():
        row = _locked(complaint, actor)
        if row.state == "closed":
            return row
        if not customer and row.state != "answered":
            raise ComplaintInvalid({"answer": "Answer it first: the customer reads the answer."})
        transition(row, "closed", at=at, actor=actor, closed_at=at)
    return row


def _customer(actor: User) -> Organisation:
    acting = actor.acting
    if acting is None or acting.organisation.kind != "customer":
        raise PermissionDenied("Complaints are made by customers here. Write a note for them on their ticket instead.")
    return acting.organisation


def _provider(customer: Organisation) -> Organisation:
    if customer.provider is None:
        raise PermissionDenied("Nobody provides services to your organisation here yet.")
    return customer.provider


def _is_customer(actor: User) -> bool:
    return actor.acting is not None and actor.acting.organisation.kind == "customer"


def _locked(complaint: Complaint, actor: User | None) -> Complaint:
    """The row, locked; 403 where it is somebody else's."""
    rows: Any = Complaint.objects if actor is None else Complaint.objects.visible_to(actor)
    row = rows.select_for_update(of=("self",), no_key=True).select_related("customer").filter(pk=complaint.pk).first()
    if row is None:
        raise PermissionDenied("This complaint belongs to somebody else.")
    found: Complaint = row
    return found


def _tell(row: Complaint, name: str, actor: User | None, at: datetime, verb: str) -> None:
    about, organisation = f"complaint:{row.pk}", row.organisation_id
    record(actor=actor, subject=about, verb=verb, at=at, organisation_id=organisation, reference=row.reference)
    publish(
        f"complaint.{name}", about, at=at, organisation_id=organisation, complaint_id=row.pk, reference=row.reference,
        customer_id=row.customer_id, ticket_id=row.ticket_id, answer_by=row.answer_by.isoformat(),
    )  # fmt: skip
