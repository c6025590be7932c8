"""Customers with a line that can be tested, for the stories of faults.

Runs in the product's environment: `product.ask("from tests.browser.lines import line; line('cara')")`.
"""

import json
from datetime import timedelta

from django.conf import settings

from ofx.core.clock import now
from ofx.core.models import Membership, Organisation, User
from ofx.orders.models import Appointment, Order, OrderItem, ServiceRecord
from partners.models import Offering
from ticketing.guides import actions as guides
from ticketing.guides.models import GuideRun
from ticketing.tickets.models import PartnerTicket


def line(name: str) -> None:
    """A new line of Cara's or Dora's; prints its reference and the partner's own of it."""
    made = new_line(name, "ZE39")
    print(json.dumps({"reference": made.reference, "ref": made.partner_ref}))


def new_line(name: str, sector: str) -> ServiceRecord:
    """A line at Northfibre, in a postcode sector that nobody else lives in.

    Dora is the one person of another customer of Cara's provider.
    """
    cara = User.objects.get(email="cara@example.com")
    home = cara.acting.organisation  # type: ignore[union-attr]
    assert home.provider is not None
    if name == "dora":
        about = {"kind": "customer", "name": "Dray & Sons", "provider": home.provider}
        home, _ = Organisation.objects.get_or_create(slug="dray-and-sons", defaults=about)
        person("dora", home, "user")
    number = ServiceRecord.objects.count()
    offering = Offering.objects.filter(operator__code="northfibre", kind="broadband").earliest("pk")
    order = Order.objects.create(
        organisation=home.provider, customer=home, reference=f"OFX-LINE{number}", state="accepted", created_at=now(),
        place_text=f"{number} Loom Lane, ZE3", postcode=f"{sector}ZZ", contact_email=f"{name}@example.com",
    )  # fmt: skip
    item = OrderItem.objects.create(order=order, position=1, action="add", offering=offering, currency="GBP")
    return ServiceRecord.objects.create(
        organisation=home.provider, customer=home, reference=f"SVC-LINE{number}", item=item, offering=offering,
        operator=offering.operator, partner_ref=f"NF-LINE-{number}", place_text=order.place_text,
        postcode=order.postcode, active_from=now() - timedelta(days=200),
    )  # fmt: skip


def person(name: str, home: Organisation, role: str) -> None:
    """A user who acts there, with the password of the demonstration."""
    mail = f"{name}@example.com"
    user = User.objects.filter(email=mail).first()
    user = user or User.objects.create_user(mail, settings.DEMO_PASSWORD, name=f"{name.title()} Example")
    Membership.objects.get_or_create(user=user, organisation=home, defaults={"role": role})


def person_of(name: str, customer: str) -> None:
    """A user of a customer that a story made."""
    person(name, Organisation.objects.get(kind="customer", name=customer), "user")


def visit_is(pk: int, state: str) -> None:
    """Put a visit into a state, as the partner's news would; "asked": a change of it has no answer yet."""
    at = now()
    asked = state == "asked"
    row = Appointment.objects.filter(pk=pk)
    row.update(
        state="confirmed" if asked else state,
        asked_at=at if asked else None,
        reserved_until=at + timedelta(hours=2) if state == "reserved" else None,
    )


def judge_all() -> None:
    """Judge what the guides did so far, so that what a story counts is its own."""
    guides.judge_due(at=now() + timedelta(days=8))


def week_passes(reference: str) -> None:
    """Judge what the guides did six days later and eight days later; print what each calls the run of this line."""
    run = GuideRun.objects.get(service__reference=reference)
    said = []
    for days in (6, 8):
        guides.judge_due(at=now() + timedelta(days=days))
        run.refresh_from_db()
        said.append(run.outcome)
    print(json.dumps(said))


def at_partner(reference: str) -> None:
    """Print what the partner was told of a ticket, and what became of it there and here."""
    row = PartnerTicket.objects.select_related("ticket", "test").get(ticket__reference=reference)
    test = row.test
    print(
        json.dumps(
            {
                "known": row.partner_ref != "",
                "told": row.characteristics,
                "test": [test.colour, test.code] if test else [],
                "again": list(row.ticket.tests.filter(why="retest").values_list("colour", flat=True)),
                "states": [row.state, row.ticket.state],
                "who": row.ticket.reported_by.email if row.ticket.reported_by else "",
            }
        )
    )
