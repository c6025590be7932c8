"""Reads of coverage too big for a queryset method."""

from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from partners.coverage.models import Offering, Price
from partners.operators.models import Agreement


def prices_on(day: date, agreement: Agreement | None) -> QuerySet[Price]:
    """Prices that hold on a day: under the agreement, and at list. Never another provider's."""
    whose = Q(agreement=None) | Q(agreement=agreement) if agreement else Q(agreement=None)
    return Price.objects.filter(whose, Q(ends=None) | Q(ends__gt=day), starts__lte=day)


def price_of(offering: Offering, agreement: Agreement | None, day: date) -> Price | None:
    """What an offering costs on a day: under the agreement where it has a price, else at list; None for neither."""
    found = prices_on(day, agreement).filter(offering=offering)
    return found.order_by(F("agreement").asc(nulls_last=True), "-starts").first()


def with_prices(offerings: QuerySet[Offering], agreements: QuerySet[Agreement], day: date) -> QuerySet[Offering]:
    """Offerings with `list_*` and `my_*` (monthly, one_off, currency) on the day; `my_*` under the given agreements."""
    on_day = Price.objects.filter(Q(ends=None) | Q(ends__gt=day), starts__lte=day, offering=OuterRef("pk"))
    listed = on_day.filter(agreement=None).order_by("-starts")
    mine = on_day.filter(agreement__in=agreements).order_by("-starts")
    parts = {
        f"{whose}_{name}": Subquery(rows.values(name)[:1])
        for whose, rows in (("list", listed), ("my", mine))
        for name in ("monthly", "one_off", "currency")
    }
    return offerings.annotate(**parts)
