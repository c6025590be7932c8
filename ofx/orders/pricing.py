"""The price of an offer for a tenant on a day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q

from ofx.core.models import Organisation
from partners.models import Agreement, Offering, Price


@dataclass(frozen=True)
class Quote:
    """What an item costs: once, and each month."""

    one_off: Decimal
    monthly: Decimal
    currency: str


def quote(offering: Offering, organisation: Organisation, day: date) -> Quote:
    """The price under the agreement in force, else at list; nothing where the offering has no price at all."""
    agreement = Agreement.objects.filter(organisation=organisation, operator=offering.operator_id).in_force(day).first()
    of_mine = Q(agreement=None) if agreement is None else Q(agreement=None) | Q(agreement=agreement)
    in_force = Price.objects.filter(Q(ends=None) | Q(ends__gt=day), of_mine, offering=offering, starts__lte=day)
    price = in_force.order_by(F("agreement").asc(nulls_last=True), "-starts").first()
    if price is None:
        return Quote(Decimal(0), Decimal(0), "GBP")
    return Quote(price.one_off, price.monthly, price.currency)
