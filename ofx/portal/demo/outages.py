"""Outages: one going on, one proposed, works to come, and two that are over with everybody who was told."""

from datetime import UTC, datetime, time, timedelta

from django.db import connection

from ofx.core.models import Organisation, User
from ofx.orders.models import ServiceRecord
from ofx.portal.demo.base import Demo
from ticketing.models import (
    Outage,
    OutageChild,
    OutageJob,
    OutageKey,
    OutageReceipt,
    OutageUpdate,
    ServiceTopology,
    Ticket,
)
from ticketing.outages import actions
from ticketing.outages.keys import sector
from ticketing.outages.proposing import SPARK_MINUTES, SPARK_STEP
from ticketing.tickets.vocabulary import ENDED

LABEL = "Outages and planned works"
TENANT = "brightwave"
SPARED = "harbour-books"  # Cara's lines: what she reports must not be explained by an outage from the start
PAST = (  # days ago, hours, title, cause, what was told: (hours after the start, words)
    (
        9,
        6.5,
        "No internet in {place}",
        "Fibre cut by street works",
        (
            (0.4, "Many of our customers in {place} are without internet. We are on it."),
            (2.0, "A cable was cut by street works. It is being spliced; we expect it to work by the evening."),
            (6.5, "The cable is spliced. Please tell us if yours does not work again."),
        ),
    ),
    (
        31,
        2.0,
        "Slow and dropping connections in {place}",
        "Line card failed",
        (
            (0.3, "Connections in {place} are slow or drop. We look for the cause."),
            (2.0, "A defective part was replaced. It should work again."),
        ),
    ),
)


def run(demo: Demo) -> str:
    """Topology first; then what is over (as rows), and what goes on (by the actions, so that it truly runs)."""
    provider = Organisation.objects.filter(slug=TENANT).first()
    alice = User.objects.filter(email="alice@example.com").first()
    if provider is None or alice is None:
        return "left out, Brightwave is not there"
    add_topology(demo)
    places = busiest(provider)
    quiet = [place for place in places if all(service.customer.slug != SPARED for service in place[1])]
    mark = f"demo-{demo.seed}-o-"
    if places and not Outage.objects.filter(idempotency_key__startswith=mark).exists():
        for number, past in enumerate(PAST):
            add_past(demo, provider, alice, places[number % len(places)], f"{mark}{number}", past)
        for add, place in zip((add_current, add_works), quiet, strict=False):
            add(demo, provider, alice, place, mark)
        add_proposed(demo, provider, quiet[2:])
    return f"{Outage.objects.count()} outages, {OutageChild.objects.count()} services in them"


def add_topology(demo: Demo) -> None:
    """Which OLT and exchange each line hangs on: as an inventory file would say."""
    if ServiceTopology.objects.exists():
        return
    rows = []
    for service in ServiceRecord.objects.filter(simulated=False, country="GB").select_related("operator"):
        olt = f"{service.operator.code[:4].upper()}-{service.postcode[:-3]}-OLT{1 + service.pk % 2}"
        for kind, value in (("exchange", exchange(service.postcode)), ("olt", olt)):
            rows.append(
                ServiceTopology(
                    organisation_id=service.organisation_id,
                    service=service,
                    kind=kind,
                    value=value,
                    source="file",
                    at=demo.at,
                )
            )
    ServiceTopology.objects.bulk_create(rows, batch_size=5000)


Place = tuple[str, list[ServiceRecord]]


def exchange(postcode: str) -> str:
    """The exchange that a postcode hangs on, in this world: one for each outward code."""
    return f"{postcode[:-3]} exchange"


def busiest(provider: Organisation) -> list[Place]:
    """Sectors with the most live services of the tenant, whoever's network they are on."""
    rows = ServiceRecord.objects.filter(organisation=provider, state="active", simulated=False, country="GB")
    found: dict[str, list[ServiceRecord]] = {}
    for service in rows.select_related("customer", "operator").order_by("reference"):
        found.setdefault(sector("GB", service.postcode), []).append(service)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:12]


def spoken(name: str) -> str:
    """SW1A1 as people write it."""
    return f"{name[:-1]} {name[-1]}"


def add_past(demo: Demo, provider: Organisation, alice: User, place: Place, key: str, past: tuple) -> None:
    """An outage that is over, its children and who was told, as rows: nobody is told of it again."""
    days, hours, title, cause, told = past
    name, services = place
    start = datetime.combine(demo.today - timedelta(days=days), time(9, 20), UTC)
    start, end = min(start, demo.at - timedelta(days=1)), start + timedelta(hours=hours)
    number = next_number()
    outage = Outage.objects.create(
        pk=number,
        reference=f"OUT-{number:06d}",
        organisation=provider,
        title=title.format(place=spoken(name)),
        public_text=told[0][1].format(place=spoken(name)),
        cause=cause,
        state="closed",
        source="proposed",
        started_at=start,
        approved_at=start + timedelta(minutes=20),
        approved_by=alice,
        expected_at=end,
        cleared_at=end,
        closed_at=end + timedelta(hours=24),
        idempotency_key=key,
        created_at=start + timedelta(minutes=12),
    )
    OutageKey.objects.create(outage=outage, kind="sector", value=name)
    tickets = dict(
        Ticket.objects.filter(service__in=services, created_at__range=(start, end)).values_list("service_id", "pk")
    )
    children = [
        OutageChild(
            outage=outage,
            service=service,
            customer_id=service.customer_id,
            ticket_id=tickets.get(service.pk),
            state="ok",
            started_at=start,
            attached_at=start + timedelta(minutes=21),
            informed_at=start + timedelta(minutes=22),
            ended_at=end + timedelta(minutes=9),
        )
        for service in services
        if service.active_from < start
    ]
    OutageChild.objects.bulk_create(children)
    add_updates(outage, alice, children, told, spoken(name))


def add_updates(outage: Outage, alice: User, children: list[OutageChild], told: tuple, place: str) -> None:
    """What was said, and a receipt of each child for each."""
    receipts = []
    for number, (hours, words) in enumerate(told, start=1):
        at = outage.started_at + timedelta(hours=hours)
        kind = "opened" if number == 1 else "cleared" if number == len(told) else "update"
        update = OutageUpdate.objects.create(
            outage=outage, number=number, kind=kind, public_text=words.format(place=place), author=alice, at=at
        )
        OutageJob.objects.create(
            outage=outage,
            kind="update",
            update=update,
            state="done",
            done=len(children),
            created_at=at,
            started_at=at,
            ended_at=at,
        )
        receipts += [
            OutageReceipt(
                update=update,
                child=child,
                customer_id=child.customer_id,
                channel="portal",
                recipient=f"child:{child.pk}",
                state="seen" if child.pk % 3 == 0 else "sent",
                at=at,
                sent_at=at,
                seen_at=at + timedelta(minutes=30) if child.pk % 3 == 0 else None,
            )
            for child in children
        ]
    OutageReceipt.objects.bulk_create(receipts, batch_size=2000)


def add_current(demo: Demo, provider: Organisation, alice: User, place: Place, mark: str) -> None:
    """Since an hour and a half: open, its children found and told by the worker."""
    name, _ = place
    start = demo.at - timedelta(minutes=95)
    actions.declare(
        actor=alice,
        at=demo.at,
        organisation=provider,
        title=f"No internet in {spoken(name)}",
        keys=[("sector", name)],
        public_text=f"Many of our customers in {spoken(name)} are without internet since {start:%H:%M} UTC. "
        f"The cause is found; we expect it to work again within three hours.",
        internal_text="Called the duty desk: power is down in the exchange.",
        started_at=start,
        expected_at=demo.at + timedelta(hours=3),
        idempotency_key=f"{mark}now",
    )


def add_works(demo: Demo, provider: Organisation, alice: User, place: Place, mark: str) -> None:
    """Planned works in three nights, approved; customers are told ahead."""
    name, _ = place
    night = datetime.combine(demo.today + timedelta(days=3), time(1), UTC)
    actions.declare(
        actor=alice,
        at=demo.at,
        organisation=provider,
        title=f"Planned works in {spoken(name)}",
        keys=[("sector", name)],
        public_text=f"In the night of {night:%d %B} your connection in {spoken(name)} will be off between 01:00 and "
        "04:00 UTC while a cable is moved.",
        severity="moderate",
        planned=True,
        window_start=night,
        window_end=night + timedelta(hours=3),
        partner_ref=f"MW-{night:%j}",
        idempotency_key=f"{mark}works",
    )


def add_proposed(demo: Demo, provider: Organisation, places: list[Place]) -> None:
    """A candidate for the desk to judge: the open faults of one sector."""
    for name, services in places:
        waiting = Ticket.objects.filter(service__in=services).exclude(state__in=ENDED)
        tickets = list(waiting.order_by("created_at")[:8])
        if len(tickets) < 2:
            continue
        steps = [0] * (SPARK_MINUTES // SPARK_STEP)
        steps[-4:] = [0, 1, 1, max(1, len(tickets) - 2)]
        evidence = {
            "kind": "sector",
            "value": name,
            "count": len(tickets),
            "minutes": 12.0,
            "expected": 0.02,
            "chance": 0.0002,
            "things": len(tickets),
            "spark": steps,
            "tickets": [ticket.pk for ticket in tickets],
            "tests": [],
            "seen_at": demo.at.isoformat(),
        }
        actions.propose(
            at=demo.at,
            organisation=provider,
            key=("sector", name),
            operator=None,
            title=f"No service in {spoken(name)}",
            evidence=evidence,
            tickets=tickets,
            started_at=demo.at - timedelta(minutes=12),
        )
        return


def next_number() -> int:
    """The number of the next outage."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('ticketing_outage', 'id'))")
        return int(cursor.fetchone()[0])
