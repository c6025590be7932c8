"""Cara's shop is in the scheme of automatic compensation, as a household would be; the other businesses are not."""

from ofx.core.models import Organisation
from ofx.portal.demo.base import Demo
from sla.compensation.actions import set_cover
from sla.compensation.models import CompensationRate

LABEL = "Compensation"


def run(demo: Demo) -> str:
    """One customer by name."""
    harbour = Organisation.objects.select_related("provider").get(slug="harbour-books")
    assert harbour.provider is not None
    set_cover(actor=None, at=demo.at, organisation=harbour.provider, customer=harbour, covered=True)
    return f"{CompensationRate.objects.count()} rates; Harbour Books is in the scheme"
