"""Several thousand orders in every state, each with the facts that its state is folded from, up to today."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from ofx.core.calendars.queries import add_working_days, newest_version
from ofx.core.models import LogEntry, Organisation, User
from ofx.orders.actions import refold
from ofx.orders.history import recompute_promises, recompute_stages
from ofx.orders.models import CancelRequest, DecompositionRule, Fact, Note, Order, OrderItem, PartnerOrder
from ofx.portal.demo.base import Demo
from ofx.portal.demo.stories import STOPPED, Step, stopped_in, tell
from partners.coverage.progress import Progress
from partners.models import Agreement, Offering, Operator, Place, Price

LABEL = "Orders and their history"
ORDERS = {"full": 3200, "small": 240}
SHARES = {"brightwave": 0.5, "cobalt": 0.3, "meridian": 0.2}
DESKS = {
    "brightwave": ("alice@example.com", "erin@example.com"),
    "cobalt": ("charlie@example.com",),
    "meridian": ("dana@example.com",),
}
HORIZON = 230  # calendar days of history
DRAFTS = 0.008
FIRST = ("Asha", "Ben", "Carys", "Dev", "Elin", "Fay", "Gus", "Hana", "Ivo", "June", "Kit", "Lowri", "Mo", "Nia")
LAST = ("Able", "Brook", "Cole", "Dale", "Ember", "Finch", "Grove", "Hart", "Isle", "Jarrow", "Kestrel", "Lark")
NOTES = (
    "Customer prefers mornings.",
    "Called the site contact: will be there all week.",
    "Landlord's agent is helpful; number in the access notes.",
    "Old line stays until this one is tested.",
)
ACCESS = ("", "", "Key at reception.", "Ring the side bell.", "Loading bay only before ten.", "Ask for the caretaker.")


def run(demo: Demo) -> str:
    """Rules, then the orders with their facts, then the fold and what is learnt from it."""
    add_rules()
    mark = f"demo-{demo.seed}-"
    if not Order.objects.filter(external_id__startswith=mark).exists():
        with transaction.atomic():
            Writer(demo, mark).write(ORDERS[demo.scale])
    waiting = PartnerOrder.objects.filter(order__external_id__startswith=mark, revision=0).exclude(state="draft")
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    if ids:
        recompute_stages(at=demo.at)
        progress = Progress("Folding", len(ids), demo.out)
        for start in range(0, len(ids), 200):
            refold(ids[start : start + 200])
            progress.to(start + 200)
        progress.finish(f"{len(ids):,} partner orders")
        recompute_promises(at=demo.at)
    return f"{Order.objects.count():,} orders, {Fact.objects.count():,} facts"


def add_rules() -> None:
    """A router is offered with broadband; a device is never ordered without its delivery."""
    for name, when, code, optional in (
        ("Router with broadband", "broadband", "mt-router", True),
        ("Backup SIM with Ethernet", "ethernet", "mt-sim", True),
        ("Delivery of devices", "device", "mt-delivery", False),
    ):
        offering = Offering.objects.filter(operator__code="mailtel", code=code).first()
        if offering is not None:
            values = {"when_kind": when, "add_offering": offering, "optional": optional}
            DecompositionRule.objects.get_or_create(organisation=None, name=name, defaults=values)


@dataclass
class Draft:
    """An order on its way into the tables."""

    order: Order
    stop: str = ""
    items: list[OrderItem] = field(default_factory=list)
    partner_orders: list[PartnerOrder] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


class Writer:
    """Draws orders and writes them in bulk."""

    def __init__(self, demo: Demo, mark: str) -> None:
        self.demo, self.mark = demo, mark
        self.calendar = newest_version("england-wales")
        self.people = {user.email: user for user in User.objects.all()}
        self.providers = {row.slug: row for row in Organisation.objects.filter(slug__in=SHARES)}
        self.customers = {
            slug: list(Organisation.objects.filter(provider=row).order_by("pk")) for slug, row in self.providers.items()
        }
        self.operators = {row.pk: row for row in Operator.objects.all()}
        self.served = served_places(demo)
        self.places = Place.objects.in_bulk(list(self.served))
        self.offers = offers_of(self.providers, demo.today)

    def write(self, count: int) -> None:
        """All orders of all tenants, oldest first."""
        drafts = [draft for draft in map(self.draw, self.plan(count)) if draft is not None]
        drafts.sort(key=lambda draft: draft.order.created_at)
        numbers = take_numbers(len(drafts))
        for number, draft in zip(numbers, drafts, strict=True):
            draft.order.pk, draft.order.reference = number, f"OFX-{number:06d}"
            for item, row in zip(draft.items, draft.partner_orders, strict=True):
                row.our_key = f"OFX-{number:06d}-{item.position}-demo{self.demo.seed}"
        Order.objects.bulk_create([draft.order for draft in drafts], batch_size=1000)
        OrderItem.objects.bulk_create([item for draft in drafts for item in draft.items], batch_size=2000)
        rows = [row for draft in drafts for row in draft.partner_orders]
        PartnerOrder.objects.bulk_create(rows, batch_size=1000)
        self.write_cancels(drafts)
        Fact.objects.bulk_create([fact for draft in drafts for fact in draft.facts], batch_size=5000)
        self.write_log(drafts)

    def plan(self, count: int) -> Iterator[tuple[str, int, str]]:
        """(tenant, number, state to stop in) for each order to be; no state: whatever the dice tell."""
        for slug, share in SHARES.items():
            for number in range(round(count * share)):
                yield slug, number, STOPPED[number % len(STOPPED)] if number < 2 * len(STOPPED) else ""

    def draw(self, which: tuple[str, int, str]) -> Draft | None:
        """One order, or None where nobody who may sell to the tenant serves the place that was drawn."""
        slug, number, stop = which
        dice = self.demo.dice("order", slug, number)
        place_id = dice.choice(list(self.served))
        choices = [key for key in self.served[place_id] if key in self.offers[slug]]
        if not choices:
            return None
        wanted = [dice.choice(choices)]
        if dice.random() < 0.13:
            wanted += [key for key in dice.sample(choices, len(choices)) if key not in wanted][:1]
        chosen = [dice.choice(self.offers[slug][key]) for key in wanted]
        draft = Draft(self.order(dice, slug, number, self.places[place_id]), stop)
        if stop:
            recent = add_working_days(self.calendar, self.demo.today - timedelta(days=8), 1 + number % 3)
            draft.order.created_at = datetime.combine(recent, time(9), UTC)
        for position, (offering, price) in enumerate(chosen, start=1):
            self.add_item(draft, dice, position, offering, price)
        draft.order.value_monthly = sum((item.monthly for item in draft.items), Decimal(0))
        return draft

    def order(self, dice: Any, slug: str, number: int, place: Place) -> Order:
        """The order itself: recent ones are more, work starts in office hours."""
        age = HORIZON * (1 - dice.random() ** 0.62)
        day = self.demo.today - timedelta(days=round(age))
        day = add_working_days(self.calendar, day - timedelta(days=1), 1)
        created = datetime.combine(min(day, self.demo.today), time(8), UTC) + timedelta(minutes=dice.randrange(560))
        created = min(created, self.demo.at - timedelta(minutes=dice.randrange(5, 240)))
        customer = dice.choice(self.customers[slug])
        desk = self.people.get(dice.choice(DESKS[slug]))
        shown = f"{place.code[:-3]} {place.code[-3:]}"
        name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
        return Order(
            organisation=self.providers[slug],
            customer=customer,
            external_id=f"{self.mark}{slug}-{number}",
            place=place,
            place_text=f"Unit {dice.randrange(1, 60)}, {shown}",
            postcode=place.code,
            contact_name=name,
            contact_phone=f"+44 1632 960{dice.randrange(100, 999)}",
            contact_email=f"{name.lower().replace(' ', '.')}@customer.example",
            access_notes=dice.choice(ACCESS),
            owner=desk,
            created_by=desk,
            created_at=created,
            holder="us",
            next_action="Finish and submit the order",
        )

    def add_item(self, draft: Draft, dice: Any, position: int, offering: Offering, price: Price) -> None:
        """An item, its partner order, and its story up to today."""
        order = draft.order
        item = OrderItem(
            order=order,
            position=position,
            offering=offering,
            one_off=price.one_off,
            monthly=price.monthly,
            currency=price.currency,
        )
        row = PartnerOrder(
            organisation=order.organisation,
            order=order,
            item=item,
            operator_id=offering.operator_id,
            created_at=order.created_at,
            holder="us",
        )
        lead = offering.lead_days or 10
        if position == 1:
            wished = add_working_days(self.calendar, order.created_at.date(), lead + dice.randrange(0, 6))
            order.requested_date, order.currency = wished, price.currency
            order.state = "draft" if not draft.stop and dice.random() < DRAFTS else "validated"
        row.crd, row.state = order.requested_date, order.state
        item.state = order.state
        draft.items.append(item)
        draft.partner_orders.append(row)
        if order.state != "draft":
            story = stopped_in(draft.stop) if draft.stop else tell(dice, offering.technology, lead)
            draft.facts += self.facts(row, story, dice)

    def facts(self, row: PartnerOrder, steps: list[Step], dice: Any) -> list[Fact]:
        """The steps as facts, as far as they lie in the past; the partner numbers its own."""
        start = row.created_at + timedelta(minutes=dice.randrange(2, 40))
        on_net = self.operators[row.operator_id].on_net_of_id is not None
        made, sequence = [], 0
        for number, step in enumerate(sorted(steps, key=lambda step: step.day)):
            at = self.moment(start, step.day, dice)
            if at > self.demo.at:
                break
            partner = step.source == "partner" and not on_net
            sequence += partner
            made.append(
                Fact(
                    partner_order=row,
                    source=step.source if not on_net or step.source != "partner" else "us",
                    update_type=step.update_type,
                    sequence=sequence if partner else None,
                    issued_at=at,
                    received_at=at + timedelta(seconds=dice.randrange(1, 90)),
                    data=self.data(row, step, start, dice, on_net),
                    dedupe_key="submitted:1" if number == 0 else f"demo:{number}",
                )
            )
        return made

    def moment(self, start: datetime, days: float, dice: Any) -> datetime:
        """`days` working days after the start, at a working hour."""
        whole = int(days)
        if whole == 0:
            return start + timedelta(hours=8 * days)
        day = add_working_days(self.calendar, start.date(), whole)
        minutes = round((days - whole) * 560)
        return datetime.combine(day, time(8), UTC) + timedelta(minutes=minutes + dice.randrange(20))

    def data(self, row: PartnerOrder, step: Step, start: datetime, dice: Any, on_net: bool) -> dict[str, Any]:
        """What the fact says: the step's own words, and its dates as days of the calendar."""
        data = dict(step.data)
        for name, days in step.dates.items():
            data[name] = add_working_days(self.calendar, start.date(), max(1, round(days))).isoformat()
        if data.pop("partner_ref", False):
            data["partner_ref"] = f"{self.operators[row.operator_id].code[:3].upper()}{dice.randrange(10**6, 10**7)}"
        if step.update_type == "SUBMITTED":
            data |= {"crd": row.crd.isoformat() if row.crd else None, "on_net": on_net or None}
        return {name: value for name, value in data.items() if value is not None}

    def write_cancels(self, drafts: list[Draft]) -> None:
        """Each cancel of ours has its request; the fact is named after it."""
        asked = [(draft, fact) for draft in drafts for fact in draft.facts if fact.update_type == "CANCEL_REQUESTED"]
        answered = {
            fact.partner_order: fact for draft in drafts for fact in draft.facts if fact.update_type == "CANCELLED"
        }
        for draft, fact in asked:
            reply = answered.get(fact.partner_order)
            request = CancelRequest.objects.create(
                partner_order=fact.partner_order,
                state="accepted" if reply else "requested",
                reason=fact.data["text"],
                requested_by=draft.order.owner,
                requested_at=fact.issued_at,
                answered_at=reply.issued_at if reply else None,
            )
            fact.dedupe_key = f"cancel:{request.pk}"

    def write_log(self, drafts: list[Draft]) -> None:
        """Who created and submitted, and a remark here and there."""
        entries, notes = [], []
        for draft in drafts:
            order = draft.order
            dice = self.demo.dice("note", order.external_id)
            for verb, minutes in (("created the order", 0), ("submitted the order", 2)):
                if verb.startswith("created") or order.state != "draft":
                    entries.append(entry(order, verb, order.created_at + timedelta(minutes=minutes)))
            if order.state != "draft" and dice.random() < 0.18:
                at = min(order.created_at + timedelta(hours=dice.uniform(1, 60)), self.demo.at)
                notes.append(Note(order=order, text=dice.choice(NOTES), author=order.owner, at=at))
        LogEntry.objects.bulk_create(entries, batch_size=2000)
        Note.objects.bulk_create(notes, batch_size=2000)


def entry(order: Order, verb: str, at: datetime) -> LogEntry:
    """An audit entry of the order's owner."""
    return LogEntry(
        at=at,
        actor=order.owner,
        actor_name=str(order.owner or "OFX"),
        organisation=order.organisation,
        subject=f"order:{order.pk}",
        verb=verb,
    )


def take_numbers(count: int) -> list[int]:
    """That many order numbers, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('orders_order', 'id')) FROM generate_series(1, %s)", [count]
        )
        return sorted(row[0] for row in cursor.fetchall())


SERVED = """
SELECT p.id, f.operator_id, r.technology
FROM partners_place p
JOIN LATERAL (VALUES ('postcode', p.code), ('sector', p.sector), ('outcode', p.outcode)) k (level, key) ON true
JOIN partners_footprintrow r ON r.country = 'GB' AND r.key = k.key AND r.level = k.level AND r.status = 'live'
JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
WHERE p.id = ANY(%s) ORDER BY p.id, f.operator_id, r.technology
"""


def served_places(demo: Demo) -> dict[int, list[tuple[int, str]]]:
    """A sample of places with the operators and technologies that serve each; the same for the same seed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM partners_place WHERE country = 'GB' AND lat IS NOT NULL
              AND ('x' || substr(md5(%s || code), 1, 7))::bit(28)::int %% %s = 0 ORDER BY code
            """,
            [f"{demo.seed}:", 900 if demo.full else 300],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(SERVED, [ids])
        found: dict[int, list[tuple[int, str]]] = {}
        for place, operator, technology in cursor.fetchall():
            found.setdefault(place, []).append((operator, technology))
    return found


def offers_of(providers: dict[str, Organisation], day: date) -> dict[str, dict[tuple[int, str], list[Any]]]:
    """Tenant → (operator, technology) → offerings with the tenant's price, where an agreement is active."""
    offers: dict[str, dict[tuple[int, str], list[Any]]] = {}
    for slug, provider in providers.items():
        agreements = Agreement.objects.in_force(day).filter(organisation=provider)
        prices = Price.objects.filter(agreement__in=agreements, offering__kind__in=["broadband", "ethernet"])
        offers[slug] = {}
        for price in prices.select_related("offering").order_by("pk"):
            key = (price.offering.operator_id, price.offering.technology)
            offers[slug].setdefault(key, []).append((price.offering, price))
    return offers
