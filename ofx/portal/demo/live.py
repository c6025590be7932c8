"""What was learnt from earlier orders about availability, and one finished bulk qualification."""

from pathlib import Path

from django.core.files.base import ContentFile
from django.db import connection

from ofx.core.clock import now
from ofx.core.models import User
from ofx.portal.demo.base import Demo
from ofx.search.bulk import actions, running
from ofx.search.live.actions import GHOSTLY
from ofx.search.models import BulkRun, Verdict
from partners.models import Place

LABEL = "Truth of availability and a bulk file"
FILE = "branches.csv"
CUSTOMERS = ("Harbour Books", "Ashdown Bakery", "")
PLACES = {"small": 60, "full": 400}

# Every ended order for a line is a verdict; the refused ones only for reasons that speak of the network.
JUDGE = """
INSERT INTO search_verdict (organisation_id, operator_id, country, code, premises, subject, "order", confirmed, reason,
    text, at, simulated)
SELECT p.organisation_id, p.operator_id, o.country, o.postcode, coalesce(a.key, ''), 'partner_order:' || p.id,
    o.reference, p.completed_at IS NOT NULL, coalesce(f.reason, ''), coalesce(left(f.text, 300), ''),
    coalesce(p.completed_at, p.ended_at), p.simulated
FROM orders_partnerorder p
JOIN orders_order o ON o.id = p.order_id
JOIN orders_orderitem i ON i.id = p.item_id AND i.action = 'add'
JOIN partners_offering g ON g.id = i.offering_id AND g.kind IN ('broadband', 'ethernet')
LEFT JOIN partners_address a ON a.id = o.address_id
LEFT JOIN LATERAL (
    SELECT x.data->>'reason' AS reason, x.data->>'text' AS text FROM orders_fact x
    WHERE x.partner_order_id = p.id AND x.update_type IN ('TERMINATED', 'ERROR') ORDER BY x.issued_at DESC LIMIT 1
) f ON true
WHERE p.completed_at IS NOT NULL
   OR (p.state IN ('rejected', 'failed') AND p.ended_at IS NOT NULL AND f.reason = ANY(%s))
ON CONFLICT DO NOTHING
"""


def run(demo: Demo) -> str:
    """Verdicts of the histories, then Brightwave's file of branches, answered."""
    with connection.cursor() as cursor:
        cursor.execute(JUDGE, [list(GHOSTLY)])
    alice = User.objects.filter(email="alice@example.com").first()
    if alice is not None and not BulkRun.objects.filter(file_name=FILE).exists():
        answer_branches(demo, alice)
    return f"{Verdict.objects.count():,} orders judged, {BulkRun.objects.count()} file answered"


def answer_branches(demo: Demo, alice: User) -> None:
    """A file of invented branches at real postcodes, two of its rows wrong on purpose."""
    dice = demo.dice("branches")
    areas = ("SW1A", "M1", "EC1A", "M2", "SW1E")
    codes = list(Place.objects.filter(country="GB", outcode__in=areas).order_by("code").values_list("code", flat=True))
    chosen = dice.sample(codes, min(len(codes), PLACES[demo.scale]))
    lines = [
        f"BR-{number:04d},{code},{CUSTOMERS[number % 3]},Sam Sample,020 7946 {number:04d}"
        for number, code in enumerate(chosen, start=1)
    ]
    lines[3:3] = ["BR-9001,SW1A OAA,,,", "BR-9002,not a place,,,"]
    text = "\n".join(["Branch,Postcode,Customer,Contact,Phone", *lines, ""])
    mapping = {
        "reference": "Branch", "postcode": "Postcode", "customer": "Customer", "contact_name": "Contact",
        "contact_phone": "Phone",
    }  # fmt: skip
    file = ContentFile(text.encode(), name=Path(FILE).name)
    row = actions.upload_places(actor=alice, file=file, name=FILE, country="GB", at=demo.at)
    actions.start_run(actor=alice, run=row, mapping=mapping, at=demo.at)
    running.run(row.pk, now)
