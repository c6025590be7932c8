"""Fill a database with tickets and time their pages: `python -m tests.benchmarks.tickets_load SIZE`, JSON lines out.

All tickets belong to one provider, the worst case: one in ten is open, spread over holders, tiers and people. Requests
go through the whole stack of the product: middleware, views, templates. The last line holds what creating needs.
"""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from ofx.core.accounts.actions import issue_token  # noqa: E402
from ofx.core.models import Organisation, User  # noqa: E402
from ofx.orders.models import Order, OrderItem, ServiceRecord  # noqa: E402
from partners.models import Offering, Operator  # noqa: E402
from tests.conftest import offering, operator, organisation, person, signed_in  # noqa: E402

CUSTOMERS, OPERATORS, SERVICES = 500, 8, 2_000
ROUNDS, WARM = 30, 10
TABLES = ("ticketing_ticketnote", "ticketing_ticketwait", "ticketing_partnerticket", "ticketing_ticket")

# n is the ticket's number; hash spreads the columns independently of each other and of the order of insertion.
TICKETS = """
INSERT INTO ticketing_ticket (id, organisation_id, customer_id, operator_id, reference, external_id, idempotency_key,
    country, postcode, place_text, title, description, fault_class, channel, severity, impact, priority, state,
    state_reason, simulated, tier, team, assigned_to_id, holder, holder_since, next_action, next_action_at,
    contact_name, contact_phone, contact_email, early_life, repeat_fault, digital_voice, answers, verdict, clear_code,
    cause, fix, resolved_tier, charge_dispute, knowledge_reference, created_at, acknowledged_at, resolved_at, closed_at,
    auto_close_at, reopened, desk_seconds)
SELECT n, %(provider)s, (%(customers)s::bigint[])[1 + h %% %(many)s],
    (%(operators)s::bigint[])[1 + h / 3 %% 8], 'TT-' || lpad(n::text, greatest(6, length(n::text)), '0'), '', '', 'GB',
    chr(65 + h %% 20) || chr(65 + h / 20 %% 20) || 1 + h / 400 %% 9 || '1AA', 'Unit ' || n || ', Example Road',
    (ARRAY['No light on the box', 'Internet keeps dropping', 'Slow in the evening', 'Phone dead'])[1 + h / 5 %% 4],
    'Since this morning', (ARRAY['no_connection', 'intermittent', 'slow_speed', 'voice'])[1 + h / 5 %% 4], 'portal',
    'moderate', 'down', 1 + h / 11 %% 4, state, '', false, CASE WHEN h / 17 %% 8 = 1 THEN 'tsc' ELSE 'l1' END, '',
    CASE WHEN h / 13 %% 3 = 0 THEN %(person)s END,
    CASE WHEN state IN ('closed') THEN 'us' ELSE (ARRAY['us', 'partner', 'end_customer'])[1 + h / 19 %% 3] END, at,
    'Somebody takes it', at + interval '4 hours', 'Paula Placeholder', '', '', h %% 40 = 1, h %% 30 = 1, false, '{}',
    '', '', '', '', '', '', '', at, at, CASE WHEN state IN ('resolved', 'closed') THEN at + interval '5 hours' END,
    CASE WHEN state = 'closed' THEN at + interval '9 hours' END, NULL, 0, 0
FROM (SELECT n, h, at, CASE WHEN h %% 10 <> 3 THEN 'closed' ELSE
        (ARRAY['acknowledged', 'in_progress', 'pending', 'held', 'resolved'])[1 + h / 7 %% 5] END AS state
      FROM (SELECT n, abs(hashint4(n)) AS h, %(now)s - make_interval(mins => (n * 7 %% 500000)) AS at
            FROM generate_series(1, %(size)s) AS n) AS numbered) AS made
"""
PAGES = {
    "queue board": "/tickets/board/",
    "list": "/tickets/",
    "list: open": "/tickets/?state=in_progress",
    "list: my work": "/tickets/?assigned=me",
    "list: open, by due": "/tickets/?open=true&sort=next",
    "list: open, early life": "/tickets/?open=true&early=true",
    "list: rejected (none is)": "/tickets/?state=rejected",
    "list: search a reference": "/tickets/?q=TT-000777",
    "list: search a postcode": "/tickets/?q=AB11AA",
    "API list": "/api/v1/tickets/?limit=50",
    "API list: held": "/api/v1/tickets/?limit=50&state=held",
}


def world() -> tuple[Organisation, User, list[Operator]]:
    """The provider, its person and the operators, made once."""
    known = Organisation.objects.filter(slug="brightwave").first()
    if known is not None:
        return known, User.objects.get(email="alice@example.com"), list(Operator.objects.order_by("pk"))
    provider = organisation("service_provider", "Brightwave Telecom", slug="brightwave")
    for number in range(CUSTOMERS):
        organisation("customer", f"Customer {number:04d}", slug=f"customer-{number}", provider=provider)
    alice = person("alice@example.com", provider, "admin")
    return provider, alice, [operator(f"op-{number}") for number in range(OPERATORS)]


def fill(size: int) -> tuple[User, dict[str, Any]]:
    """So many tickets, nothing else of them."""
    provider, alice, operators = world()
    customers = list(Organisation.objects.filter(provider=provider).order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        values = {"provider": provider.pk, "customers": customers, "many": len(customers), "person": alice.pk}
        values |= {"operators": [row.pk for row in operators], "size": size, "now": timezone.now()}
        cursor.execute(TICKETS, values)
        cursor.execute("SELECT setval(pg_get_serial_sequence('ticketing_ticket', 'id'), %s)", [size + 1])
        cursor.execute("VACUUM ANALYZE ticketing_ticket")
    if ServiceRecord.objects.count() < SERVICES:
        _add_services(provider, customers[0], operators[0])
    services = list(ServiceRecord.objects.order_by("pk").values_list("pk", "reference"))
    _, secret = issue_token(membership=alice.acting, label="bench", actor=None, at=timezone.now())
    return alice, {"token": secret, "services": [text for _, text in services], "ids": [str(pk) for pk, _ in services]}


def _add_services(provider: Organisation, customer: int, op: Operator) -> None:
    """So many that no one of them collects faults: whoever opens one asks what its service had before."""
    ServiceRecord.objects.all().delete()
    fttp, at = Offering.objects.filter(operator=op).first() or offering(op), timezone.now()
    order = Order.objects.create(
        organisation=provider, customer_id=customer, reference=f"OFX-{at:%H%M%S}", state="accepted",
        place_text="1 Example Road", postcode="SW1A1AA", created_at=at,
    )  # fmt: skip
    items = OrderItem.objects.bulk_create(
        OrderItem(order=order, position=number, action="add", offering=fttp, currency="GBP")
        for number in range(1, SERVICES + 1)
    )
    ServiceRecord.objects.bulk_create(
        ServiceRecord(
            organisation=provider, customer_id=customer, reference=f"SVC-{item.position:06d}", item=item, operator=op,
            offering=fttp, partner_ref=f"S-{item.position}", place_text="1 Example Road", postcode="SW1A1AA",
            active_from=at,
        )
        for item in items
    )  # fmt: skip


def timed(client: Client, address: str) -> tuple[float, float]:
    """p50 and p95 of a page in milliseconds, warm. Raises AssertionError for another answer than 200."""
    times = []
    for turn in range(WARM + ROUNDS):
        begun = time.perf_counter()
        reply = client.get(address)
        if turn >= WARM:
            times.append(1000 * (time.perf_counter() - begun))
        assert reply.status_code == 200, f"{address}: {reply.status_code}"
    times.sort()
    return times[len(times) // 2], times[int(0.95 * (len(times) - 1))]


def main(size: int) -> None:
    """Fill, time, tell."""
    alice, known = fill(size)
    client = signed_in(alice)
    for page, address in PAGES.items():
        p50, p95 = timed(client, address)
        print(json.dumps({"page": page, "p50": p50, "p95": p95}), flush=True)
    print(json.dumps(known), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
