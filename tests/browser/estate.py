"""Things of every kind in the demo world, so that each page has something to show.

Runs in the product's environment: `manage.py shell -c "from tests.browser.estate import prepare; prepare()"`.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from ofx.core.accounts import actions as people
from ofx.core.accounts.actions.invitations import SALT
from ofx.core.clock import now
from ofx.core.models import Membership, Organisation, User
from ofx.orders import actions
from ofx.orders.models import Appointment, Charge, DecompositionRule, Order, OrderItem, PartnerOrder, ServiceRecord
from ofx.portal.bulk.models import OrderBatch
from ofx.search.bulk.models import BulkRun
from ofx.tmf.hub.models import Subscription
from partners.connectors.answer_links import Link, signed
from partners.coverage.actions import start_import, upload_import
from partners.models import (
    Agreement,
    Conversation,
    Endpoint,
    Footprint,
    FootprintRow,
    Message,
    Offering,
    Operator,
    Place,
)
from tests.browser.faults import customers_faults, faults
from ticketing.guides import actions as guides
from ticketing.guides.models import Guide
from ticketing.known_errors import actions as knowledge
from ticketing.known_errors.models import Candidate, KnownError
from ticketing.outages import actions as outages
from ticketing.outages import running
from ticketing.tickets.models import Ticket

LONG = "The Worshipful Company of Bookbinders, Stationers, Newsagents and Allied Trades of Lower Examplebury"
COLUMNS = {"postcode": "postcode", "technology": "technology", "status": "status"}
RENDERED = ("400.html", "403_csrf.html", "429.html", "500.html")  # pages that no ordinary request leads to


def prepare() -> None:
    """Add what the demo world lacks and print, as JSON, what each address needs."""
    at = now()
    alice = User.objects.get(email="alice@example.com")
    mine = alice.acting.organisation  # type: ignore[union-attr]
    order = _order(alice, "northfibre", at, submit=True)
    found: dict[str, Any] = {
        "order": order.reference,
        "draft": _order(alice, "southlink", at, submit=False, customer=LONG).reference,
        "rule": _rule(alice, at).pk,
        "conversation": Conversation.objects.get(subject=f"order:{order.pk}").pk,
        "message": Message.objects.filter(leg__conversation__subject=f"order:{order.pk}").latest("pk").pk,
        "endpoint": Endpoint.objects.filter(kind="tmf622").earliest("pk").pk,
        "own_endpoint": _own_endpoint(mine).pk,
        "footprint": Footprint.objects.filter(state="active").earliest("pk").pk,
        "service": OrderItem.objects.filter(order__organisation=mine, service__isnull=False)[0].service.reference,
        "cara_order": _caras(mine, "accepted", "in_progress", "held").reference,
        "offers": "&".join(f"offering={pk}" for pk in _offers("northfibre")),
        "compared": "&".join(f"offer={pk}" for pk in _offers("northfibre")),
        "unserved": _unserved(),
        "place": Place.objects.get(country="GB", code="SW1A1AA").pk,
        **_by_state(mine),
        **_imports(mine, at),
        **_people(alice, mine, at),
        **_at_operator(order, at),
        **_market(alice, mine, at),
        **_outages(alice, mine, at),
        **_knowledge(alice, mine, at),
        **faults(alice, mine, at),
        **customers_faults(at),
        **_guides(alice, mine, at),
        **{f"page_{name[:-5]}": render_to_string(name) for name in RENDERED},
    }
    _newcomer()
    print(json.dumps(found))


def _outages(alice: User, mine: Organisation, at: datetime) -> dict[str, Any]:
    """An outage that Cara is under, a proposal with evidence, planned works, a notice for a person."""
    cara = User.objects.get(email="cara@example.com")
    service = ServiceRecord.objects.filter(customer__memberships__user=cara, state="active").first()
    north = Operator.objects.get(code="northfibre")
    keys = [("service", service.reference)] if service else [("sector", "SW1A1")]
    common = {"actor": alice, "at": at, "organisation": mine, "idempotency_key": "looked-at"}
    found = outages.declare(**common, title=f"No internet at {LONG}", keys=keys, expected_at=at + timedelta(hours=3))
    for job in found.jobs.order_by("pk"):
        running.run(job.pk, now)
    evidence = {"kind": "sector", "value": "M11", "count": 6, "minutes": 9.5, "expected": 0.02, "chance": 1e-12,
                "spark": [0] * 20 + [1, 0, 2, 3], "tickets": [1, 2], "tests": []}  # fmt: skip
    proposed = outages.propose(
        at=at, organisation=mine, key=("sector", "M11"), operator=north, title="No service in M11", evidence=evidence,
        tickets=[], started_at=at,
    )  # fmt: skip
    window = {"window_start": at + timedelta(days=2), "window_end": at + timedelta(days=2, hours=4)}
    works = {**common, "idempotency_key": "looked-at-works"}
    outages.declare(**works, title="New amplifier", keys=[("sector", "M12")], planned=True, **window)
    notice = outages.take_notice(
        organisation=mine, raw=b"From: noc@northfibre.example\nSubject: Works\n\nWe dig.", actor=alice, at=at
    )
    return {"outage": found.reference, "proposed": proposed.reference if proposed else "", "notice": notice.pk}


def _knowledge(alice: User, mine: Organisation, at: datetime) -> dict[str, Any]:
    """A published record with a version more, and a candidate of three tickets."""
    article = KnownError(
        organisation=mine, title=f"Red light at {LONG}", workaround="Restart it",
        customer_title=f"A red light at {LONG}"[:160], customer_text="Give it air.\n\nWait.",
        symptom_customer="The light is red", test_codes=["ONT_NO_LIGHT*"], error_strings=["LOS"],
        steps=[{"text": "Look", "risk": "none", "consent": True, "prerequisites": "", "rollback": "plug it in"}],
    )  # fmt: skip
    knowledge.save_known_error(article=article, actor=alice, at=at)
    article.cause = "Dust"
    knowledge.save_known_error(article=article, actor=alice, at=at, note="found the cause")
    knowledge.approve(article=article, actor=alice, at=at, publish_to="public")
    words = ("every evening", "in the evening", "at night")
    for number, when in enumerate(words):
        Ticket.objects.create(
            organisation=mine, reference=f"TT-97{number:04d}", title=f"Lamp flickers {when}", state="resolved",
            created_at=at, resolved_at=at, fix="New lamp",
        )  # fmt: skip
    knowledge.gather(at=at)
    candidate = Candidate.objects.filter(organisation=mine).order_by("-size")[0]
    return {"known_error": article.reference, "candidate": candidate.pk}


def _guides(alice: User, mine: Organisation, at: datetime) -> dict[str, Any]:
    """A guide of our own with a draft, and two runs of Cara's: a question with pictures, and the last form."""
    guides.load_shipped(at=at)
    shipped = Guide.objects.get(organisation=None, slug="no-connection")
    given = {"actor": alice, "at": at, "organisation": mine}
    own = guides.create_guide(title="Our own way", fault_class="intermittent", like=shipped, **given)
    cara = User.objects.get(email="cara@example.com")
    home = {"actor": cara, "at": at, "organisation": mine, "customer": cara.acting.organisation}  # type: ignore[union-attr]
    run = guides.start(guide=shipped, **home)
    report = guides.start(guide=Guide.objects.get(organisation=None, slug="slow-speed"), **home)
    guides.give_up(run=report, actor=cara, at=at)
    return {"own_guide": own.pk, "shipped_guide": shipped.pk, "cara_run": run.token, "cara_report": report.token}


def _people(alice: User, mine: Organisation, at: datetime) -> dict[str, Any]:
    """A colleague, a program with a token, an invitation and its link."""
    asked = {"email": "a.very.long.name.of.somebody.new@example.com", "role": "order_desk", "message": LONG}
    invitation = people.invite(organisation=mine, actor=alice, at=at, **asked)
    program = people.create_service(organisation=mine, name="Nightly import", role="order_desk", actor=alice, at=at)
    people.issue_token(membership=program, label="night", actor=alice, at=at)
    return {
        "person": Membership.objects.get(user__email="bob@example.com").pk,
        "program": program.pk,
        "invitation": invitation.pk,
        "invitation_link": signing.dumps([invitation.pk, invitation.serial], salt=SALT),
    }


def _at_operator(order: Order, at: datetime) -> dict[str, Any]:
    """Olga's order, and the link to answer it by that a mail to her would carry."""
    key = order.partner_orders.get().our_key
    link = Link(key, "olga@example.com", "create", (at + timedelta(days=30)).date())
    return {"olga_order": key, "answer_link": signed(link)}


def _market(alice: User, mine: Organisation, at: datetime) -> dict[str, Any]:
    """Agreements at both ends, a run of many places with its batch, a visit, a charge, a subscription."""
    run = BulkRun.objects.filter(organisation=mine, state="done").latest("pk")
    batch, _ = OrderBatch.objects.get_or_create(
        organisation=mine, run=run, name="Shops", defaults={"state": "done", "created_at": at, "created_by": alice}
    )
    subscription, _ = Subscription.objects.get_or_create(
        organisation=mine,
        callback="https://buyer.example/listener",
        defaults={"created_at": at, "created_by": alice, "api": "productOrderingManagement", "version": "v4"},
    )
    visit = Appointment.objects.filter(organisation=mine, partner_order__isnull=False).latest("pk")
    charge = Charge.objects.filter(partner_order__organisation=mine, state="raised").latest("pk")
    return {
        "agreement": Agreement.objects.get(organisation=mine, operator__code="lagan-link", state="offered").pk,
        "request": Agreement.objects.get(operator__code="northfibre", state="requested").pk,
        "run": run.pk,
        "batch": batch.pk,
        "subscription": subscription.pk,
        "visit_order": visit.partner_order.order.reference,  # type: ignore[union-attr]
        "charge_order": charge.partner_order.order.reference,
        "charge_item": charge.partner_order.item.position,
        "charge": charge.pk,
    }


def _offers(code: str) -> list[int]:
    return list(Offering.objects.filter(operator__code=code, kind="broadband").values_list("pk", flat=True)[:3])


def _order(alice: User, code: str, at: datetime, *, submit: bool, customer: str = "Harbour Books") -> Order:
    """An order by Alice at the demo's best known postcode."""
    mine = alice.acting.organisation  # type: ignore[union-attr]
    shop = Organisation.objects.filter(kind="customer", provider=mine, name=customer).first()
    shop = shop or actions.create_customer(actor=alice, organisation=mine, name=customer, at=at)
    long = customer == LONG
    site = actions.Site(
        place_text=f"{'Flat 12, Upper Mezzanine, The Old Printing Works, 10 Example Street, ' if long else ''}SW1A 1AA",
        postcode="SW1A1AA",
        place=Place.objects.get(country="GB", code="SW1A1AA"),
        contact_name="Ada Example",
        contact_phone="020 7946 0000",
    )
    order = actions.create_order(
        actor=alice,
        organisation=mine,
        customer=shop,
        lines=[actions.Line(offering=Offering.objects.get(pk=_offers(code)[0]))],
        site=site,
        at=at,
    )
    return actions.submit_order(actor=alice, order=order, at=at) if submit else order


def _rule(alice: User, at: datetime) -> DecompositionRule:
    mine = alice.acting.organisation  # type: ignore[union-attr]
    known = DecompositionRule.objects.filter(organisation=mine).first()
    if known:
        return known
    router = Offering.objects.filter(kind="device")[0]
    rule = DecompositionRule(
        organisation=mine, name="A router with Ethernet", when_kind="ethernet", add_offering=router
    )
    return actions.save_rule(actor=alice, rule=rule, at=at)


def _own_endpoint(mine: Organisation) -> Endpoint:
    operator = Operator.objects.get(code="caledon")
    fields = {"kind": "tmf622", "dialect": "northfibre", "name": "Caledon test system", "inbound_key": "looked-at"}
    return Endpoint.objects.get_or_create(organisation=mine, operator=operator, defaults=fields)[0]


def _caras(mine: Organisation, *states: str) -> Order:
    """An order of Cara's shop, under way if there is one."""
    orders = Order.objects.filter(organisation=mine, customer__slug="harbour-books")
    return orders.filter(state__in=states).first() or orders[0]


def _by_state(mine: Organisation) -> dict[str, Any]:
    """For each state a partner order that is in it: `held_order`, `held_item`; and a claim to judge."""
    rows = PartnerOrder.objects.filter(organisation=mine, order__closed_at=None).select_related("order", "item")
    found: dict[str, Any] = {}
    for row in rows:
        found[f"{row.state}_order"] = row.order.reference
        found[f"{row.state}_item"] = row.item.position
    claimed = PartnerOrder.objects.filter(organisation=mine, flags__kind="held").first()
    assert claimed is not None
    found["claim_order"] = claimed.order.reference
    found["claim"] = claimed.flags.filter(kind="held")[0].pk
    for state in ("accepted", "cancelled", "failed"):
        ended = Order.objects.filter(organisation=mine, state=state).first()
        found[f"{state}_order"] = ended.reference if ended else found["held_order"]
    return found


def _unserved() -> str:
    """A postcode that no footprint names itself: only its wider area is served."""
    named = FootprintRow.objects.filter(country="GB").values("key")
    return Place.objects.filter(country="GB").exclude(code__in=named).exclude(sector__in=named)[0].code


def _imports(mine: Organisation, at: datetime) -> dict[str, Any]:
    """A file whose columns are to be named, and one that is being loaded and has rows that cannot be."""
    admin = User.objects.get(email="admin@example.com")
    operator = Operator.objects.get(code="caledon")
    lines = ["postcode,technology,status", "SW1A1AA,FTTP,live", "nowhere,FTTP,live", "EC1A1BB,smoke,live"]
    pks = []
    for name in ("columns.csv", "rejected-rows-of-a-file-with-a-rather-long-name-2026-11-final-final-2.csv"):
        file = ContentFile("\n".join(lines).encode(), name=name)
        row = upload_import(operator=operator, file=file, name=name, country="GB", actor=admin, at=at)
        pks.append(row.pk)
    start_import(upload=row, mapping=COLUMNS, actor=admin, at=at)
    return {"columns": pks[0], "import": pks[1]}


def _newcomer() -> None:
    """A provider on its first day: no order, no agreement, no message."""
    home, _ = Organisation.objects.get_or_create(
        slug="newcomer", defaults={"kind": "service_provider", "name": "Newcomer Networks"}
    )
    user = User.objects.filter(email="nell@example.com").first()
    user = user or User.objects.create_user("nell@example.com", settings.DEMO_PASSWORD, name="Nell Newcomer")
    Membership.objects.get_or_create(user=user, organisation=home, defaults={"role": "admin"})
