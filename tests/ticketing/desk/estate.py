"""Things of the desk for every address that it has, and more of them for pages that must not cost more with them."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from ofx.core.audit.models import LogEntry
from ofx.orders.models import ServiceRecord
from tests.conftest import AT
from tests.test_architecture import all_urls
from ticketing.tickets import actions
from ticketing.tickets.models import (
    Attachment,
    FaultRules,
    Handover,
    Macro,
    PartnerTicket,
    ServiceTest,
    SopStep,
    SopTemplate,
    Ticket,
    TicketFact,
    TicketLink,
    TicketMail,
    TicketNote,
    TicketParty,
    TicketWait,
)

TICKET = "tickets/<str:reference>/"
API = "api/v1/^tickets/(?P<reference>"


def desk_values(shop: SimpleNamespace, service: ServiceRecord) -> dict[str, Any]:
    """A ticket with a file, a step and a partner, a macro, a hand-over and a mail; where their addresses find them."""
    ours = shop.brightwave
    template = SopTemplate.objects.create(
        organisation=ours, fault_class="slow_speed", title="Slow", steps=[{"title": "Look"}], published_at=AT,
        created_at=AT,
    )  # fmt: skip
    ticket = actions.open_ticket(
        actor=shop.alice, at=AT, organisation=ours, title="Slow", service=service, fault_class="slow_speed"
    )
    if not ticket.sop_steps.exists():
        SopStep.objects.create(ticket=ticket, template=template, position=1, title="Look")
    Ticket.objects.filter(pk=ticket.pk).update(operator=shop.north)
    at_partner = PartnerTicket.objects.create(
        organisation=ours, ticket=ticket, operator=shop.north, our_key=f"{ticket.reference}-1", raised_at=AT,
        state="in_progress",
    )  # fmt: skip
    file = Attachment.objects.create(
        ticket=ticket, name="a.txt", content_type="text/plain", size=1, content=b"x", digest="d", at=AT
    )
    macro = Macro.objects.create(organisation=ours, name="m", text="t")
    shift = Handover.objects.create(organisation=ours, text="t", at=AT)
    mail = TicketMail.objects.create(
        organisation=ours, direction="in", message_id="<m@x>", sender="q@example.com", recipient="r", subject="s",
        text="t", at=AT,
    )  # fmt: skip
    of_ticket = {"reference": ticket.reference, "number": file.pk, "position": 1}
    return {
        **{route: of_ticket for route, _, _ in all_urls() if route.startswith((TICKET, API))},
        "tickets/handover/<int:number>/": {"number": shift.pk},
        "tickets/setup/macros/<int:number>/": {"number": macro.pk},
        "tickets/setup/macros/<int:number>/delete/": {"number": macro.pk},
        "tickets/mail/<int:number>/": {"number": mail.pk},
        "tickets/mail/<int:number>/settle/": {"number": mail.pk},
        "fault_class": "slow_speed",
        "partner/faults/<str:our_key>/": {"our_key": at_partner.our_key},
        "partner/faults/<str:our_key>/<slug:kind>/": {"our_key": at_partner.our_key, "kind": "note"},
    }


def grow_desk(estate: SimpleNamespace, first: int, last: int) -> None:
    """More of everything that stands on the pages of the desk."""
    span, ours = range(first, last), estate.brightwave
    ticket = Ticket.objects.select_related("service").get(reference=estate.values[TICKET]["reference"])
    common = {"organisation": ours, "title": "more", "created_at": AT, "customer": ticket.customer}
    states = ("acknowledged", "in_progress", "pending", "resolved")
    made = Ticket.objects.bulk_create(
        Ticket(reference=f"TT-9{n:06d}", service=ticket.service, operator=estate.north, state=states[n % 4],
               holder="us" if n % 3 else "partner", assigned_to=estate.alice if n % 2 else None, priority=1 + n % 4,
               resolved_at=AT, fault_class="wifi", contact_email="q@example.com", next_action_at=AT,
               tier="tsc" if n % 5 == 0 else "l1", **common)
        for n in span
    )  # fmt: skip
    TicketNote.objects.bulk_create(
        TicketNote(ticket=ticket, text=f"note {n}", user=estate.alice, at=AT, audience="all") for n in span
    )
    waits = (TicketWait(ticket=ticket, owner="partner", reason="PARTNER", opened_at=AT, closed_at=AT) for _ in span)
    TicketWait.objects.bulk_create(waits)
    TicketLink.objects.bulk_create(TicketLink(ticket=ticket, other=one, at=AT) for one in made)
    TicketParty.objects.bulk_create(TicketParty(ticket=ticket, role="watcher", user=estate.bob) for _ in span)
    template = SopTemplate.objects.filter(organisation=ours)[0]
    SopStep.objects.bulk_create(
        SopStep(ticket=ticket, template=template, position=100 + n, title="t", done_by=estate.alice, done_at=AT)
        for n in span
    )
    ServiceTest.objects.bulk_create(
        ServiceTest(organisation=ours, service=ticket.service, operator=estate.north, ticket=ticket, our_key=f"t-{n}",
                    requested_at=AT, requested_by=estate.alice)
        for n in span
    )  # fmt: skip
    Attachment.objects.bulk_create(
        Attachment(ticket=ticket, name=f"{n}.txt", content_type="t", size=1, content=b"", digest=f"{n}", at=AT,
                   user=estate.alice)
        for n in span
    )  # fmt: skip
    _grow_partner(estate, ticket, made, span)
    _grow_setup(estate, ticket, span)


def _grow_partner(estate: SimpleNamespace, ticket: Ticket, made: list[Ticket], span: range) -> None:
    row = PartnerTicket.objects.get(ticket=ticket)
    PartnerTicket.objects.bulk_create(
        PartnerTicket(organisation=estate.brightwave, ticket=one, operator=estate.north, our_key=f"p-{one.pk}",
                      raised_at=AT, state=("submitted", "in_progress", "resolved")[n % 3])
        for n, one in enumerate(made)
    )  # fmt: skip
    TicketFact.objects.bulk_create(
        TicketFact(partner_ticket=row, source="partner", kind="STATE", data={"state": "held"}, issued_at=AT,
                   received_at=AT, dedupe_key=f"more-{n}", actor=estate.olga)
        for n in span
    )  # fmt: skip
    LogEntry.objects.bulk_create(
        LogEntry(
            at=AT - timedelta(days=1),
            actor=estate.alice,
            organisation=estate.brightwave,
            subject=f"ticket:{ticket.pk}",
            verb="did",
        )
        for _ in span
    )


def _grow_setup(estate: SimpleNamespace, ticket: Ticket, span: range) -> None:
    ours = estate.brightwave
    Macro.objects.bulk_create(Macro(organisation=ours, name=f"macro {n}", text="t") for n in span)
    SopTemplate.objects.bulk_create(
        SopTemplate(organisation=ours, fault_class="slow_speed", version=100 + n, title="t", created_at=AT,
                    published_at=AT, created_by=estate.alice)
        for n in span
    )  # fmt: skip
    Handover.objects.bulk_create(
        Handover(organisation=ours, text="t", at=AT, author=estate.alice, figures={"urgent": n}) for n in span
    )
    TicketMail.objects.bulk_create(
        TicketMail(organisation=ours, ticket=ticket if n % 2 else None, direction="in", message_id=f"<{n}@x>",
                   sender="q@example.com", recipient="r", subject="s", text="t", at=AT, suggested=ticket)
        for n in span
    )  # fmt: skip
    if not FaultRules.objects.exists():
        FaultRules.objects.create(organisation=ours, operator=estate.north)
