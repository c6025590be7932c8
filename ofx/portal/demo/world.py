"""The exchange, three service providers, their people and customers, and the working calendars."""

from django.conf import settings

from ofx.core.calendars.actions import SHIPPED, publish_calendar
from ofx.core.models import Calendar, Membership, Organisation, User
from ofx.portal.demo.base import Demo

LABEL = "Organisations and people"

PROVIDERS = {  # slug: (name, number of customers)
    "brightwave": ("Brightwave Telecom", 60),
    "cobalt": ("Cobalt Connect", 36),
    "meridian": ("Meridian Voice and Data", 24),
}
PEOPLE = (  # e-mail, name, organisation's slug, role
    ("alice@example.com", "Alice Arkwright", "brightwave", "admin"),
    ("bob@example.com", "Bob Bellweather", "brightwave", "read_only"),
    ("erin@example.com", "Erin Eastlake", "brightwave", "order_desk"),
    ("charlie@example.com", "Charlie Copperfield", "cobalt", "admin"),
    ("dana@example.com", "Dana Drummond", "meridian", "admin"),
    ("olga@example.com", "Olga Oakes", "op-northfibre", "fulfilment"),
    ("olga@example.com", "Olga Oakes", "op-moorland", "admin"),  # the same wholesale desk works for both
    ("lewis@example.com", "Lewis Lough", "op-lagan-link", "admin"),
    ("fay@example.com", "Fay Farrow", "brightwave", "fault_desk"),
    ("theo@example.com", "Theo Thornbury", "brightwave", "fault_desk"),  # of the TSC
    ("oscar@example.com", "Oscar Oldfield", "op-northfibre", "assurance"),
    ("oscar@example.com", "Oscar Oldfield", "op-moorland", "assurance"),
    ("cara@example.com", "Cara Cartwright", "harbour-books", "user"),
    ("conrad@example.com", "Conrad Cole", "harbour-books", "admin"),
    ("admin@example.com", "Ada Exchange", "ofx", "admin"),
)
TRADES = ("Bakery", "Books", "Dental", "Joinery", "Legal", "Motors", "Nursery", "Optics", "Printing", "Surgery")
PLACES = ("Ashdown", "Birchfield", "Cliffside", "Dunmore", "Elmstead", "Fernhill", "Greywell", "Hollins", "Ivybank")


def run(demo: Demo) -> str:
    """Organisations first, then calendars; people join in `join`, once the operators exist."""
    Organisation.objects.get_or_create(slug="ofx", defaults={"kind": "exchange", "name": "OFX Exchange"})
    for slug, (name, customers) in PROVIDERS.items():
        provider, _ = Organisation.objects.get_or_create(slug=slug, defaults={"kind": "service_provider", "name": name})
        add_customers(provider, customers, demo)
    for code in SHIPPED:
        if not Calendar.objects.filter(code=code).exists():
            publish_calendar(code=code, at=demo.at)
    join()
    return f"{Organisation.objects.count()} organisations"


def add_customers(provider: Organisation, count: int, demo: Demo) -> None:
    """Invented businesses with account numbers; Harbour Books, Cara's shop, is the first of Brightwave."""
    dice = demo.dice("customers", provider.slug)
    names = [f"{place} {trade}" for place in PLACES for trade in TRADES]
    dice.shuffle(names)
    if provider.slug == "brightwave":
        names.insert(0, "Harbour Books")
    rows = [
        Organisation(
            kind="customer",
            name=name,
            slug="harbour-books" if name == "Harbour Books" else f"{provider.slug}-customer-{number}",
            provider=provider,
            account_number=f"{provider.slug[:2].upper()}{100_000 + number}",
        )
        for number, name in enumerate(names[:count], start=1)
    ]
    Organisation.objects.bulk_create(rows, ignore_conflicts=True)


def join() -> None:
    """People whose organisation exists, each with one membership and the demo password."""
    organisations = {row.slug: row for row in Organisation.objects.filter(slug__in=[p[2] for p in PEOPLE])}
    for email, name, slug, role in PEOPLE:
        if slug not in organisations:
            continue
        user = User.objects.filter(email=email).first()
        user = user or User.objects.create_user(email, settings.DEMO_PASSWORD, name=name)
        Membership.objects.get_or_create(user=user, organisation=organisations[slug], defaults={"role": role})
