"""Small hand-made footprints."""

from datetime import date
from typing import Any

import pytest

from partners.models import Address, Agreement, Footprint, FootprintRow, Offering, Operator, Price
from tests.conftest import AT, agreement, offering, operator, place


def footprint(op: Operator, *rows: dict[str, Any], state: str = "active", **fields: Any) -> Footprint:
    """A publication with rows given as dicts; FTTP, live, at a GB postcode unless said."""
    number = Footprint.objects.filter(operator=op).count() + 1
    defaults = {"number": number, "state": state, "created_at": AT, "published_at": AT, "rows_total": len(rows)}
    published = Footprint.objects.create(operator=op, **{**defaults, **fields})
    common = {"country": "GB", "level": "postcode", "technology": "FTTP", "status": "live"}
    FootprintRow.objects.bulk_create(FootprintRow(footprint=published, **{**common, **row}) for row in rows)
    return published


def priced(item: Offering, monthly: str, under: Agreement | None = None, **fields: Any) -> Price:
    """A price from 2025 on, under an agreement or at list."""
    defaults = {"one_off": "50.00", "starts": date(2025, 1, 1)}
    return Price.objects.create(offering=item, agreement=under, monthly=monthly, **{**defaults, **fields})


def address(text: str, postcode: str = "SW1A1AA", country: str = "GB", **fields: Any) -> Address:
    """A premises whose key is its UPRN, or its text where it has none."""
    key = fields.get("uprn") or text[:64]
    return Address.objects.create(country=country, text=text, postcode=postcode, key=key, **fields)


@pytest.fixture
def market(world: Any) -> Any:
    """SW1A 1AA and two operators that serve it: Northfibre under Alice's agreement, Eastwave without one."""
    world.place = place()
    world.fttp = offering(world.northfibre, lead_days=10)
    world.eastwave = operator("eastwave", "Eastwave", provenance="simulated")
    world.wave = offering(world.eastwave, "wave-900", name="Wave 900", down_mbps=900, monthly="28.00")
    world.contract = agreement(world.brightwave, world.northfibre)
    priced(world.fttp, "24.50", world.contract)
    footprint(world.northfibre, {"key": "SW1A1AA", "down_mbps": 1000, "up_mbps": 115}, synthetic=True)
    footprint(world.eastwave, {"key": "SW1A1", "level": "sector"})
    return world
