"""Faults in the demo world, so that each page of the desk has something to show."""

from datetime import datetime, timedelta
from typing import Any

from ofx.core.models import Organisation, User
from ofx.core.notices import links as notice_links
from ofx.core.notices.links import StopLink
from ofx.orders.models import ServiceRecord
from ofx.portal.customer.actions import answer_complaint, make_complaint
from partners.connectors.answer_links import Link
from partners.connectors.answer_links import signed as partner_link
from partners.conversations.routing import recipients
from partners.models import Contact
from ticketing.tickets import actions
from ticketing.tickets.actions.desk_mail import take_mail
from ticketing.tickets.actions.desk_setup import hand_shift_over, save_macro
from ticketing.tickets.answer_link import FixLink, signed
from ticketing.tickets.mail_thread import address
from ticketing.tickets.models import Macro, PartnerTicket, ServiceTest, SopStep, SopTemplate, Ticket
from ticketing.tickets.vocabulary import CHARACTERISTICS

LONG_TITLE = "The internet keeps dropping whenever the kettle, the franking machine and the bindery's press run at once"


def faults(alice: User, mine: Organisation, at: datetime) -> dict[str, Any]:
    """A ticket with everything on it, a fresh one, a macro, a hand-over and a mail that waits."""
    service = ServiceRecord.objects.filter(organisation=mine, operator__code="northfibre", state="active").latest("pk")
    contact = {"name": "Ada Example", "phone": "020 7946 0000", "email": "ada.looks@example.com"}
    common: dict[str, Any] = {"actor": alice, "at": at, "organisation": mine, "service": service, "contact": contact}
    ticket = actions.open_ticket(
        title=LONG_TITLE, fault_class="intermittent", channel="phone", severity="extensive", impact="down",
        description="It drops.\n" * 4, answers=dict.fromkeys(list(CHARACTERISTICS)[:6], "yes"), **common,
    )  # fmt: skip
    _work(ticket, service, alice, at)
    macro = save_macro(
        actor=alice, at=at, macro=Macro(name="Ask for the light", key="l", text="Hello {contact}, which light is on?")
    )
    if not mine.handovers.exists():
        hand_shift_over(actor=alice, text="Northfibre looks at Leeds. " * 9, figures={"urgent": 3, "tsc": 1}, at=at)
    head = f"From: Zed <zed@example.com>\nTo: {address(mine.slug)}\nMessage-ID: <looks@example.com>"
    raw = f"{head}\nSubject: Slow\n\nIt is."
    mail = take_mail(raw=raw.encode(), at=at)
    assert mail is not None
    fresh = actions.open_ticket(title="No light on the box", fault_class="no_connection", **common)
    return {
        "ticket": ticket.reference,
        "fresh_ticket": fresh.reference,
        "fault_service": service.reference,
        "fault_key": PartnerTicket.objects.get(ticket=ticket).our_key,
        "fault_link": _link(PartnerTicket.objects.get(ticket=ticket)),
        "caller": service.postcode,
        "macro": macro.pk,
        "fault_mail": mail.pk,
    }


def _work(ticket: Ticket, service: ServiceRecord, alice: User, at: datetime) -> None:
    """Tests, steps, notes, a link and an open question of the partner."""
    mine = ticket.organisation
    for colour, code in (("green", "OK"), ("amber", "LOW_LIGHT"), ("red", "ONT_NO_LIGHT")):
        ServiceTest.objects.create(
            organisation=mine, service=service, operator=service.operator, ticket=ticket, state="completed",
            our_key=f"looks-{ticket.pk}-{code}", colour=colour, code=code, text="The fibre box sees no light.",
            requested_at=at, done_at=at,
            measures=[{"name": "Received light", "value": "-31.2", "unit": "dBm"}], requested_by=alice,
        )  # fmt: skip
    if not ticket.sop_steps.exists():
        template, _ = SopTemplate.objects.get_or_create(
            organisation=mine, fault_class="intermittent", version=1, defaults={"title": "Steps", "created_at": at}
        )
        SopStep.objects.create(
            ticket=ticket, template=template, position=1, title="Look at the light", mandatory=True, wants="text",
            help="Green is good",
        )  # fmt: skip
    actions.take(ticket=ticket, actor=alice, at=at)
    actions.add_note(ticket=ticket, actor=alice, at=at, text="She sounds patient. " * 12)
    actions.add_note(ticket=ticket, actor=alice, at=at, text="We look at it.", audience="customer")
    row = PartnerTicket.objects.create(
        organisation=mine, ticket=ticket, operator=service.operator, our_key=f"{ticket.reference}-looks", raised_at=at,
        state="pending", partner_ref="NF-1234567890-LONG", partner_url="https://northfibre.example/t/1",
        last_news_at=at,
        question="Which light is on, and since when?", waiting_since=at, characteristics={"ONT_POWER": "yes"},
    )  # fmt: skip
    actions.add_note(
        ticket=row.ticket, actor=None, at=at, text="Which light is on?", audience="partner", author="partner",
        is_question=True,
    )  # fmt: skip


def customers_faults(at: datetime) -> dict[str, Any]:
    """Cara's faults: one with a question, one to check, one that is over; and a complaint that is answered."""
    cara = User.objects.get(email="cara@example.com")
    services = ServiceRecord.objects.visible_to(cara).exclude(offering__kind="device")
    service, found = services.filter(state="active").earliest("pk"), {}
    for word in ("asked", "fixed", "closed"):
        ticket = actions.open_ticket(
            actor=cara, at=at, organisation=service.organisation, title=LONG_TITLE, service=service,
            fault_class="intermittent",
        )  # fmt: skip
        actions.add_note(
            ticket=ticket, actor=None, at=at, audience="customer", text="Which light is on?", is_question=True
        )
        if word != "asked":
            actions.resolve(ticket=ticket, actor=None, at=at, fix="A splice was renewed.")
        if word == "closed":
            actions.confirm(ticket=ticket, actor=cara, at=at)
        found[f"cara_{word}"] = ticket.reference
        if word == "fixed":
            link = StopLink(service.organisation_id, "ticket_news", cara.email)
            found["stop_link"] = notice_links.signed(link)
            found["fix_link"] = signed(FixLink(ticket.pk, 0, cara.email))
    complaint = make_complaint(actor=cara, at=at, text="Nobody came. " * 9, wish="An excuse", ticket=ticket)
    answer_complaint(complaint=complaint, actor=None, at=at, answer="You are right, and we are sorry.")
    return {**found, "cara_service": service.reference, "complaint": complaint.reference}


def _link(row: PartnerTicket) -> str:
    """The signed link of a mail to whoever at the partner is told of faults; a desk is made where there is none."""
    told = recipients(row.operator, "ticket")
    if not told:
        told = (Contact.objects.create(operator=row.operator, purpose="faults", email="noc@northfibre.example").email,)
    return partner_link(Link(row.our_key, told[0], "fault:create", row.raised_at.date() + timedelta(days=90)))
