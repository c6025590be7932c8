"""Fill a database for the TMF622 bench: `python -m tests.benchmarks.tmf_data SIZE`, one JSON line out."""

import json
import sys
from datetime import UTC, datetime

import django

django.setup()

from django.db import connection  # noqa: E402

from ofx.core.accounts.actions import issue_token  # noqa: E402
from ofx.core.models import User  # noqa: E402
from partners.models import Endpoint, Footprint, FootprintRow, Offering, Place  # noqa: E402
from tests.benchmarks.orders_load import TABLES, fill, world  # noqa: E402
from tests.conftest import place  # noqa: E402

CODE = "SW1A1AA"
AT = datetime(2026, 1, 1, tzinfo=UTC)


def main(size: int) -> None:
    """Orders, a place that one operator serves, a way to it that leads nowhere, and a token."""
    fill(size)
    with connection.cursor() as cursor:  # the rows were written with their ids
        for table in TABLES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}")
    provider, customers, _, _ = world()
    offering = Offering.objects.select_related("operator").get(code="fttp-0")
    if not Place.objects.filter(code=CODE).exists():
        place(CODE)
        footprint = Footprint.objects.create(
            operator=offering.operator, number=1, state="active", published_at=AT, created_at=AT
        )
        FootprintRow.objects.create(
            footprint=footprint, country="GB", level="postcode", key=CODE, technology="FTTP", status="live"
        )
        Endpoint.objects.create(
            operator=offering.operator, kind="tmf622", dialect="standard", name="bench", inbound_key="bench",
            base_url="http://127.0.0.1:9", state="suspended",
        )  # fmt: skip
    user = User.objects.get(email="bench@example.com")
    _, token = issue_token(membership=user.acting, label="bench", actor=None, at=AT)
    print(json.dumps({"token": token, "offering": offering.pk, "customer": customers[0], "name": str(provider)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
