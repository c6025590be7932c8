"""Fill a database with orders and time their pages: `python -m tests.benchmarks.orders_load SIZE`, JSON lines out.

All orders belong to one provider, the worst case: one in ten is open, one in twenty waits for somebody, one in fifty
is late and one in a hundred silent. Requests go through the whole stack of the product: middleware, views, templates.
"""

import json
import random
import sys
import time
from datetime import date, datetime, timedelta

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from ofx.core.models import Organisation, User  # noqa: E402
from ofx.orders.models import Order, ServiceRecord  # noqa: E402
from ofx.portal.home.actions import refresh_figures  # noqa: E402
from partners.models import Offering, Operator  # noqa: E402
from tests.conftest import agreement, offering, operator, organisation, person, signed_in  # noqa: E402

CUSTOMERS, OPERATORS = 500, 8
ROUNDS, WARM = 40, 20  # every address once before it counts
SLIPS = 400
OWNERS = ("us", "partner", "end_customer", "third_party", "force_majeure")
TABLES = (
    "orders_servicerecord",
    "orders_datechange",
    "orders_fact",
    "orders_partnerorder",
    "orders_orderitem",
    "orders_order",
)

# n is the order's number; hash spreads the columns independently of each other and of the order of insertion.
ORDERS = """
INSERT INTO orders_order (id, organisation_id, customer_id, reference, external_id, idempotency_key, state, country,
    place_text, postcode, contact_name, contact_phone, contact_email, access_notes, simulated, value_monthly, currency,
    created_at, submitted_at, closed_at, holder, blocked_since, blocked_reason, next_action, target_date,
    committed_date, in_jeopardy, silent_from, last_news_at)
SELECT n, %(provider)s, (%(customers)s::bigint[])[1 + h %% %(many)s],
    'OFX-' || lpad(n::text, greatest(6, length(n::text)), '0'), '', '',
    CASE WHEN NOT going THEN 'accepted' WHEN blocked THEN 'held' ELSE 'in_progress' END, 'GB',
    'Unit ' || n || ', Example Road', chr(65 + h %% 20) || chr(65 + h / 20 %% 20) || 1 + h / 400 %% 9 || '1AA',
    'Paula Placeholder', '', '', '', false, 10 + h %% 700, 'GBP', at, at,
    CASE WHEN going THEN NULL ELSE at + interval '12 days' END,
    CASE WHEN NOT going THEN '' WHEN blocked THEN (%(owners)s::text[])[1 + h / 7 %% 5] ELSE 'partner' END,
    CASE WHEN going AND blocked THEN at + interval '2 days' END, CASE WHEN blocked THEN 'WAYLEAVE' ELSE '' END,
    'Follow up with the third party', CASE WHEN h %% 50 = 3 THEN %(today)s - 4 ELSE %(today)s + 1 + h %% 30 END,
    %(today)s + h %% 30, going AND h %% 40 = 3, CASE WHEN going AND h %% 100 = 3 THEN %(now)s - interval '1 day' END, at
FROM (SELECT n, abs(hashint4(n)) AS h, abs(hashint4(n)) %% 10 = 3 AS going, abs(hashint4(n)) %% 20 = 3 AS blocked,
             %(now)s - make_interval(mins => (n * 7 %% 500000)) AS at
      FROM generate_series(1, %(size)s) AS n) AS made
"""
ITEMS = """
INSERT INTO orders_orderitem (id, order_id, position, action, offering_id, quantity, state, one_off, monthly, currency,
    characteristics)
SELECT id, id, 1, 'add', (%(offerings)s::bigint[])[1 + id %% %(many)s], 1, state, 0, value_monthly, 'GBP', '{}'
FROM orders_order
"""
PARTS = """
INSERT INTO orders_partnerorder (id, organisation_id, order_id, item_id, operator_id, our_key, simulated, created_at,
    state, partner_ref, holder, blocked_since, blocked_reason, blocked_text, committed, held, in_jeopardy,
    target_date, submitted_at, ended_at, last_news_at, silent_from, revision)
SELECT id, organisation_id, id, id, (%(operators)s::bigint[])[1 + id %% %(many)s], 'key-' || id, false, created_at,
    state, 'REF-' || id, holder, blocked_since, blocked_reason, '', true, state = 'held', in_jeopardy,
    target_date, submitted_at, closed_at, last_news_at, silent_from, 1
FROM orders_order
"""
ENTRIES = """
INSERT INTO orders_boardentry (organisation_id, order_id, narrowing, holder, blocked_since, value_monthly, target_date,
    silent_from)
SELECT o.organisation_id, o.id, k.narrowing, o.holder, o.blocked_since, o.value_monthly, o.target_date, o.silent_from
FROM orders_order o JOIN orders_partnerorder p ON p.order_id = o.id JOIN partners_offering f
    ON f.id = (%(offerings)s::bigint[])[1 + o.id %% %(many)s],
LATERAL (VALUES (p.operator_id || ':'), (':' || f.kind), (p.operator_id || ':' || f.kind)) k (narrowing)
WHERE o.closed_at IS NULL
"""
SERVICES = """
INSERT INTO orders_servicerecord (organisation_id, customer_id, reference, item_id, operator_id, offering_id,
    partner_ref, place_text, postcode, country, state, active_from, simulated)
SELECT o.organisation_id, o.customer_id, 'SVC-' || o.id, o.id, p.operator_id, i.offering_id, p.partner_ref,
    o.place_text, o.postcode, o.country, 'active', o.closed_at, false
FROM orders_order o JOIN orders_partnerorder p ON p.id = o.id JOIN orders_orderitem i ON i.id = o.id
WHERE o.state = 'accepted'
"""
FACTS = """
INSERT INTO orders_fact (id, partner_order_id, source, update_type, issued_at, received_at, data, dedupe_key)
SELECT id, id, 'partner', 'DELAY', created_at, created_at, '{}', 'd' FROM orders_partnerorder
"""
MOVES = """
INSERT INTO orders_datechange (partner_order_id, field, old, new, requester, reason, text, at, fact_id)
SELECT id, 'target_date', target_date - 7, target_date, 'partner', 'WAYLEAVE', '',
    CASE WHEN row_number() OVER (ORDER BY hashint4(id::int)) <= %(slips)s THEN %(now)s ELSE created_at END, id
FROM orders_partnerorder WHERE ended_at IS NULL
"""


def world() -> tuple[Organisation, list[int], list[int], list[int]]:
    """Provider, customers, operators and offerings, made once."""
    provider = Organisation.objects.filter(slug="bench").first()
    if provider is None:
        provider = organisation("service_provider", "Bench Telecom", slug="bench")
        person("bench@example.com", provider, "admin")
        for number in range(OPERATORS):
            op = operator(f"bench-{number}", f"Bench Network {number}")
            agreement(provider, op)
            offering(op, f"fttp-{number}")
        Organisation.objects.bulk_create(
            Organisation(kind="customer", name=f"Customer {n:03d} Example", slug=f"bench-{n}", provider=provider)
            for n in range(CUSTOMERS)
        )
    customers = list(provider.customers.values_list("pk", flat=True))
    operators = list(Operator.objects.order_by("pk").values_list("pk", flat=True))
    return provider, customers, operators, list(Offering.objects.order_by("pk").values_list("pk", flat=True))


def fill(size: int) -> None:
    """Empty the tables of orders and write `size` of them."""
    provider, customers, operators, offerings = world()
    today, now = date.today(), timezone.now()
    values = {"size": size, "provider": provider.pk, "customers": customers, "owners": list(OWNERS), "now": now}
    with transaction.atomic(), connection.cursor() as cursor:
        # The rows are right by construction: checking millions of foreign keys one by one takes minutes.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        cursor.execute(ORDERS, {**values, "today": today, "many": len(customers)})
        cursor.execute(ITEMS, {"offerings": offerings, "many": len(offerings)})
        cursor.execute(PARTS, {"operators": operators, "many": len(operators)})
        cursor.execute(ENTRIES, {"offerings": offerings, "many": len(offerings)})
        cursor.execute(SERVICES)
        cursor.execute(FACTS)
        cursor.execute(MOVES, {"now": now, "slips": SLIPS})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def pages(size: int) -> dict[str, list[str]]:
    """What is asked for: name → addresses, one of them a request."""
    chance = random.Random(5)
    numbers = [chance.randint(1, size) for _ in range(20)]
    postcodes = Order.objects.filter(pk__in=numbers).values_list("postcode", flat=True)
    references = ServiceRecord.objects.order_by("pk").values_list("reference", flat=True)[:20]
    return {
        "order list": ["/orders/"],
        "list: open, held by the partner": ["/orders/?open=true&holder=partner"],
        "list: one operator": [f"/orders/?operator={Operator.objects.first().pk}"],  # type: ignore[union-attr]
        "list: by postcode": ["/orders/?postcode=AA1", "/orders/?postcode=CB7"],
        "list: by customer": ["/orders/?q=Customer+04"],
        "list: by reference": [f"/orders/?q=OFX-{number:06d}" for number in numbers],
        "list: silent": ["/orders/?silent=true"],
        "list: sorted by target": ["/orders/?open=true&sort=target"],
        "order board": ["/orders/board/"],
        "board: one operator": ["/orders/board/?operator=bench-3"],
        "board: one product": ["/orders/board/?kind=broadband"],
        "home": ["/"],
        "360: customer": [f"/customers/bench-{number % CUSTOMERS}/" for number in numbers],
        "360: site": [f"/sites/GB/{postcode}/" for postcode in postcodes],
        "360: service": [f"/services/{reference}/whole/" for reference in references],
        "360: operator": [f"/operators/bench-{number % OPERATORS}/whole/" for number in range(OPERATORS)],
        "order page": [f"/orders/OFX-{number:06d}/" for number in numbers],
        "API: list": ["/api/v1/orders/"],
        "API: filtered": ["/api/v1/orders/?state=held&limit=50"],
    }


def measure(client: Client, addresses: list[str]) -> tuple[float, float]:
    """p50 and p95 in milliseconds of warm requests, each to the last byte."""
    taken = []
    for number in range(WARM + ROUNDS):
        started = time.perf_counter()
        answer = client.get(addresses[number % len(addresses)])
        assert answer.status_code == 200, answer.status_code
        taken.append((time.perf_counter() - started) * 1000)
    taken = sorted(taken[WARM:])
    return taken[len(taken) // 2], taken[int(len(taken) * 0.95) - 1]


def main(size: int) -> None:
    """Fill, then one JSON line a page."""
    started = datetime.now()
    fill(size)
    print(f"filled in {(datetime.now() - started) / timedelta(seconds=1):.0f} s", file=sys.stderr)
    refresh_figures(at=timezone.now())
    client = signed_in(User.objects.get(email="bench@example.com"))
    for name, addresses in pages(size).items():
        p50, p95 = measure(client, addresses)
        print(json.dumps({"page": name, "p50": p50, "p95": p95}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
