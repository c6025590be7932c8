"""Reads of coverage too big for a queryset method."""

from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from partners.coverage.models import Offering, Price
from partners.operators.models import Agreement, Operator


def prices_on(day: date, agreement: Agreement | None) -> QuerySet[Price]:
    """Prices that hold on a day: under the agreement, and at list. Never another provider's."""
    whose = Q(agreement=None) | Q(agreement=agreement) if agreement else Q(agreement=None)
    return Price.objects.filter(whose, Q(ends=None) | Q(ends__gt=day), starts__lte=day)


def price_of(offering: Offering, agreement: Agreement | None, day: date) -> Price | None:
    """What an offering costs on a day: under the agreement where it has a price, else at list; None for neither."""
    found = prices_on(day, agreement).filter(offering=offering)
    return found.order_by(F("agreement").asc(nulls_last=True), "-starts").first()


def priced_offerings(operator: Operator, agreement: Agreement | None, day: date) -> QuerySet[Offering]:
    """Active offerings with `list_monthly`, `list_one_off`, `my_monthly`, `my_one_off` and currencies on the day."""
    base = prices_on(day, agreement).filter(offering=OuterRef("pk")).order_by("-starts")
    listed, mine = base.filter(agreement=None), base.exclude(agreement=None)
    return Offering.objects.filter(operator=operator, active=True).annotate(
        list_monthly=Subquery(listed.values("monthly")[:1]),
        list_one_off=Subquery(listed.values("one_off")[:1]),
        list_currency=Subquery(listed.values("currency")[:1]),
        my_monthly=Subquery(mine.values("monthly")[:1]),
        my_one_off=Subquery(mine.values("one_off")[:1]),
        my_currency=Subquery(mine.values("currency")[:1]),
    )
