"""Things of the customers' portal for every address that it has, and more of them for pages that must not cost more."""

from types import SimpleNamespace
from typing import Any

from ofx.core.notices import links as notice_links
from ofx.orders.models import ServiceRecord
from ofx.portal.customer.actions import make_complaint
from sla.compensation.actions import set_cover
from tests.conftest import AT
from tests.test_architecture import all_urls
from ticketing.tickets import actions
from ticketing.tickets.answer_link import FixLink, signed
from ticketing.tickets.models import Attachment, Complaint, ServiceTest, Ticket, TicketNote

FAULT = "my/faults/<str:reference>/"
COMPLAINT = "complaints/<str:reference>/"
ACT = "^complaints/(?P<reference>[^/]+)/(?P<word>answer|further|close)/$"


def customer_values(shop: SimpleNamespace, service: ServiceRecord) -> dict[str, Any]:
    """A fault that Cara reported, with a photo, and her complaint about it."""
    ticket = actions.open_ticket(actor=shop.cara, at=AT, organisation=shop.brightwave, title="Drops", service=service)
    file = Attachment.objects.create(
        ticket=ticket, name="a.txt", content_type="text/plain", size=1, content=b"x", digest="c", at=AT, audience="all"
    )
    complaint = make_complaint(actor=shop.cara, at=AT, text="Nobody came", ticket=ticket)
    set_cover(actor=None, at=AT, organisation=shop.brightwave, customer=None, covered=True)
    of_fault = {"reference": ticket.reference, "number": file.pk}
    return {
        "notices/<str:token>/": {
            "token": notice_links.signed(notice_links.StopLink(shop.brightwave.pk, "ticket_news", shop.cara.email))
        },
        "fixed/<str:token>/": {"token": signed(FixLink(ticket.pk, 0, shop.cara.email))},
        **{route: of_fault for route, _, _ in all_urls() if route.startswith(FAULT)},
        "my/connections/<str:reference>/": {"reference": service.reference},
        COMPLAINT: {"reference": complaint.reference},
        ACT: {"reference": complaint.reference, "word": "answer"},
    }


def grow_customer(estate: SimpleNamespace, first: int, last: int) -> None:
    """More faults, notes, files, tests and complaints of Cara's."""
    span = range(first, last)
    ticket = Ticket.objects.select_related("service").get(reference=estate.values[FAULT]["reference"])
    ours, customer, service = ticket.organisation, ticket.customer, ticket.service
    assert service is not None
    assert customer is not None
    made = Ticket.objects.bulk_create(
        Ticket(organisation=ours, customer=customer, service=service, reference=f"TT-7{n:06d}", title="more",
               created_at=AT, resolved_at=AT, impact="down", closed_at=AT if n % 3 == 2 else None,
               reported_by=estate.cara, state=("resolved", "in_progress", "closed")[n % 3])
        for n in span
    )  # fmt: skip
    TicketNote.objects.bulk_create(
        TicketNote(ticket=ticket, text=f"n{n}", user=estate.cara, at=AT, audience="all", author="customer")
        for n in span
    )
    Attachment.objects.bulk_create(
        Attachment(ticket=ticket, name=f"{n}.txt", content_type="t", size=1, content=b"", digest=f"c{n}", at=AT,
                   audience="all", user=estate.cara)
        for n in span
    )  # fmt: skip
    ServiceTest.objects.bulk_create(
        ServiceTest(organisation=ours, service=service, operator=service.operator, ticket=ticket, our_key=f"c-{n}",
                    requested_at=AT, done_at=AT, state="completed", colour="green")
        for n in span
    )  # fmt: skip
    Complaint.objects.bulk_create(
        Complaint(organisation=ours, customer=customer, ticket=one, made_by=estate.cara, text="t", made_at=AT,
                  reference=f"CMP-m{one.pk}", answer_by=AT)
        for one in made
    )  # fmt: skip
