"""What the directory of operators shows of their coverage."""

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from partners.coverage.models import Footprint, Offering
from partners.operators.models import Operator


def with_coverage(operators: QuerySet[Operator]) -> QuerySet[Operator]:
    """Operators with `rows_total`, `published_at` of the version in force, `products` and `technologies`."""
    active = Footprint.objects.filter(operator=OuterRef("pk"), state="active")
    sold = Offering.objects.filter(operator=OuterRef("pk"), active=True).order_by().values("operator")
    names = ArrayAgg("technology", distinct=True, filter=~Q(technology=""), default=[])
    return operators.annotate(
        rows_total=Subquery(active.values("rows_total")[:1]),
        published_at=Subquery(active.values("published_at")[:1]),
        products=Coalesce(Subquery(sold.annotate(n=Count("pk")).values("n")[:1]), 0, output_field=IntegerField()),
        technologies=Subquery(sold.annotate(names=names).values("names")[:1]),
    )
