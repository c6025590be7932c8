"""What the journeys by keyboard begin with. Runs in the product's environment: `product.ask("…; begin()")`."""

import json
from datetime import datetime

from ofx.core.clock import now
from ofx.core.models import Organisation, User
from ofx.orders.models import ServiceRecord
from ofx.portal.customer.actions import answer_complaint
from partners.models import Operator
from tests.browser.lines import new_line, person
from ticketing.known_errors.actions import save_known_error
from ticketing.known_errors.models import KnownError
from ticketing.outages import actions as outages
from ticketing.tickets import actions
from ticketing.tickets.models import PartnerTicket, ServiceTest, Ticket
from ticketing.tickets.models.complaint import Complaint
from ticketing.tickets.vocabulary import CHARACTERISTICS

ANSWERS = dict.fromkeys(CHARACTERISTICS, "yes") | {"SERVICE_HAS_WORKED": "no", "LAST_WORKED": ""}


def begin() -> None:
    """A fault of Cara's that is said to be mended, one with the desk, one with Olga; a record; a proposed outage."""
    at = now()
    alice, cara = (User.objects.get(email=f"{name}@example.com") for name in ("alice", "cara"))
    mine = alice.acting.organisation  # type: ignore[union-attr]
    line = new_line("cara", "ZE38")
    mended = _fault(cara, line, "Lamp on the box is off", at)
    actions.resolve(ticket=mended, actor=None, at=at, fix="A splice was renewed.")
    waiting = _fault(alice, line, "Light on the box is red", at, answers=ANSWERS | {"SYNC_LIGHT": ""})
    _red(alice, waiting, line, at)
    article = KnownError(organisation=mine, title="Box hums", workaround="Turn it")
    article.customer_title, article.customer_text = "The box hums", "Lay it flat."
    save_known_error(article=article, actor=alice, at=at)
    print(
        json.dumps(
            {
                "line": line.reference,
                "mended": mended.reference,
                "waiting": waiting.reference,
                "theirs": _theirs(alice, line, at),
                "article": article.reference,
                "proposed": _proposed(mine, line, at),
            }
        )
    )


def _fault(actor: User, line: ServiceRecord, title: str, at: datetime, **more: object) -> Ticket:
    common = {"organisation": line.organisation, "service": line, "title": title, "fault_class": "no_connection"}
    return actions.open_ticket(actor=actor, at=at, **{**common, **more})  # type: ignore[arg-type]


def _red(alice: User, ticket: Ticket, line: ServiceRecord, at: datetime) -> None:
    ServiceTest.objects.create(
        organisation=line.organisation, service=line, operator=line.operator, ticket=ticket, state="completed",
        our_key=f"keys-{ticket.pk}", colour="red", code="ONT_NO_LIGHT", requested_at=at, done_at=at, requested_by=alice,
    )  # fmt: skip


def _theirs(alice: User, line: ServiceRecord, at: datetime) -> str:
    """A fault that Northfibre's people have not answered yet."""
    ticket = _fault(alice, line, "Drops at noon", at)
    row = PartnerTicket.objects.create(
        organisation=line.organisation, ticket=ticket, operator=line.operator, our_key=f"{ticket.reference}-keys",
        raised_at=at, state="submitted", last_news_at=at,
    )  # fmt: skip
    return row.our_key


def _proposed(mine: Organisation, line: ServiceRecord, at: datetime) -> str:
    evidence = {"kind": "sector", "value": "ZE38", "count": 6, "minutes": 9.5, "expected": 0.02, "chance": 1e-12,
                "spark": [0, 1, 5], "tickets": [], "tests": []}  # fmt: skip
    found = outages.propose(
        at=at, organisation=mine, key=("sector", "ZE38"), operator=line.operator, title="No service in ZE3 8",
        evidence=evidence, tickets=[], started_at=at,
    )  # fmt: skip
    assert found is not None, "an outage in ZE3 8 is under way"
    return found.reference


def answer_last_complaint() -> None:
    """The provider answers what Cara complained of."""
    alice = User.objects.get(email="alice@example.com")
    row = Complaint.objects.filter(made_by__email="cara@example.com").latest("pk")
    answer_complaint(complaint=row, actor=alice, at=now(), answer="You are right, and we are sorry.")


def blank() -> None:
    """Fern is a customer's person and Otto an operator's, both on their first day; Ash mends faults at Northfibre."""
    person("ash", Operator.objects.get(code="northfibre").organisation, "assurance")
    cara = User.objects.get(email="cara@example.com")
    provider = cara.acting.organisation.provider  # type: ignore[union-attr]
    about = {"kind": "customer", "name": "Fern & Daughter", "provider": provider}
    person("fern", Organisation.objects.get_or_create(slug="fern", defaults=about)[0], "admin")
    about = {"kind": "operator", "name": "Otter Fibre"}
    home, _ = Organisation.objects.get_or_create(slug="op-otter", defaults=about)
    person("otto", home, "admin")
    Operator.objects.get_or_create(code="otter", defaults={"organisation": home, "name": home.name})
