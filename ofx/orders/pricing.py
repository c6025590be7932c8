"""The price of an offer for a tenant on a day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ofx.core.models import Organisation
from partners.coverage.queries import price_of
from partners.models import Agreement, Offering


@dataclass(frozen=True)
class Quote:
    """What an item costs: once, and each month."""

    one_off: Decimal
    monthly: Decimal
    currency: str


def quote(offering: Offering, organisation: Organisation, day: date) -> Quote:
    """The price under the agreement in force, else at list; nothing where the offering has no price at all."""
    agreement = Agreement.objects.filter(organisation=organisation, operator=offering.operator_id).in_force(day).first()
    price = price_of(offering, agreement, day)
    if price is None:
        return Quote(Decimal(0), Decimal(0), "GBP")
    return Quote(price.one_off, price.monthly, price.currency)
