"""Which prices a tenant sees, and each of them as the standard's two prices: once, and each month."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from ofx.core.models import Organisation
from ofx.tmf.offers import API
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import base
from partners.models import Agreement, Price

PARTS = {"once": ("One-off charge", "oneTime", "one_off"), "monthly": ("Monthly rental", "recurring", "monthly")}
Json = dict[str, Any]


def agreements(organisation: Organisation, day: date) -> QuerySet[Agreement]:
    """The tenant's own in force."""
    return Agreement.objects.filter(organisation=organisation).in_force(day)


def visible_prices(organisation: Organisation, day: date) -> QuerySet[Price]:
    """Prices that hold on the day: at list, and under the tenant's own agreements. Never another provider's."""
    whose = Q(agreement=None) | Q(agreement__in=agreements(organisation, day))
    rows = Price.objects.filter(whose, Q(ends=None) | Q(ends__gt=day), starts__lte=day)
    return rows.order_by("offering_id", "agreement_id", "-starts", "pk")


def in_force(prices: list[Price]) -> list[Price]:
    """Of one offering: the newest under an agreement, else the newest at list; `prices` come newest first."""
    agreed = [one for one in prices if one.agreement_id is not None]
    return (agreed or prices)[:1]


def price_documents(price: Price) -> Iterator[Json]:
    """ProductOfferingPrice, both of them."""
    for part, (name, kind, column) in PARTS.items():
        identifier = f"{price.pk}-{part}"
        source = "under your agreement" if price.agreement_id else "at list"
        made: Json = {
            "id": identifier,
            "href": f"{base(API, 'v4')}/productOfferingPrice/{identifier}",
            "name": name,
            "description": f"{name} of {price.offering.name}, {source}",
            "isBundle": False,
            "lifecycleStatus": "Active",
            "priceType": kind,
            "price": {"unit": price.currency, "value": float(getattr(price, column))},
            "validFor": period(price),
            "@type": "ProductOfferingPrice",
        }
        yield (
            {**made, "recurringChargePeriodType": "month", "recurringChargePeriodLength": 1} if part != "once" else made
        )


def price_values(price: Price) -> list[Json]:
    """ProductOfferingPriceRefOrValue: the same as part of an offering."""
    found = []
    for one in price_documents(price):
        made = {name: one[name] for name in ("id", "href", "name", "description", "priceType", "validFor")}
        made["price"] = {"dutyFreeAmount": one["price"], "@type": "ProductPriceValue"}
        if one["priceType"] == "recurring":
            made |= {"recurringChargePeriod": "month", "recurringChargePeriodLength": 1}
        found.append({**made, "@type": "ProductOfferingPrice"})
    return found


def period(price: Price) -> Json:
    """From its first day, to the last where one is set."""
    made = {"startDateTime": f"{price.starts.isoformat()}T00:00:00Z"}
    return {**made, "endDateTime": f"{price.ends.isoformat()}T00:00:00Z"} if price.ends else made


def agreement_reference(row: Agreement) -> Json:
    """AgreementRef."""
    until = f" until {stamp(row.ends)}" if row.ends else ""
    return {"id": str(row.pk), "name": f"Agreement with {row.operator.name}{until}", "@referredType": "Agreement"}
