"""What services cost."""

from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from ofx.orders.models import ServiceRecord


def monthly(services: QuerySet[ServiceRecord]) -> list[dict[str, Any]]:
    """What active services cost a month, by operator and currency, dearest first: name, currency, n, monthly."""
    rows: Any = services.select_related(None).filter(state="active").order_by()
    rows = rows.values(name=F("operator__name"), currency=F("item__currency"))
    return list(
        rows.annotate(n=Count("pk"), monthly=Sum(F("item__monthly") * F("item__quantity"))).order_by("-monthly")
    )
