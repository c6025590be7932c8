"""Reads of reach: all of them from what the worker counted."""

from typing import Any

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from partners.operators.models import Agreement, Operator
from partners.reach.models import ReachGain, ReachLine, ReachMap, ReachRun


def lines(user: Any, *, technology: str = "", country: str = "", operator: str = "") -> QuerySet[ReachLine]:
    """A tenant's areas with `adds_postcodes` and `adds_premises` of one more agreement (an operator's code)."""
    rows = ReachLine.objects.visible_to(user).filter(technology=technology)
    if country:
        rows = rows.filter(country=country)
    gains = ReachGain.objects.filter(
        organisation=OuterRef("organisation"), technology=technology, country=OuterRef("country"),
        area=OuterRef("area"), operator__code=operator,
    )  # fmt: skip
    for name in ("postcodes", "premises"):
        adds = Coalesce(Subquery(gains.values(name)[:1]), 0) if operator else Value(0, output_field=IntegerField())
        rows = rows.annotate(**{f"adds_{name}": adds})
    return rows


def totals(rows: QuerySet[ReachLine]) -> dict[str, Any]:
    """The sums of some areas, with words; areas do not overlap, so nothing is counted twice."""
    names = ("postcodes_known", "premises_known", "on_postcodes", "off_postcodes", "postcodes", "on_premises",
             "off_premises", "premises")  # fmt: skip
    found = rows.aggregate(**{f"all_{name}": Sum(name) for name in names})
    sums: dict[str, Any] = {name: found[f"all_{name}"] or 0 for name in names}
    share = 100 * sums["postcodes"] / sums["postcodes_known"] if sums["postcodes_known"] else 0
    sums["known_words"] = f"{share:.1f} % of {sums['postcodes_known']:,} in use"
    sums["premises_words"] = f"of {sums['premises_known']:,} known by address"
    return sums


def gains(user: Any, *, technology: str = "", country: str = "") -> list[dict[str, Any]]:
    """What each further operator would add, most postcodes first."""
    rows = ReachGain.objects.visible_to(user).filter(technology=technology)
    if country:
        rows = rows.filter(country=country)
    found = rows.values("operator__code", "operator__name", "operator_id")
    found = found.annotate(adds_postcodes=Sum("postcodes"), adds_premises=Sum("premises"))
    ordered = found.order_by("-adds_postcodes", "-adds_premises", "operator__name")[:200]
    return [{**row, "plus": f"+{row['adds_postcodes']:,}"} for row in ordered]


def agreed(user: Any) -> set[int]:
    """Operators that there is an agreement with already, or talks about one."""
    rows = Agreement.objects.visible_to(user).exclude(state__in=Agreement.OVER)
    return set(rows.values_list("operator_id", flat=True))


def technologies_of(user: Any) -> list[str]:
    """Technologies that anything was counted for."""
    rows = ReachLine.objects.visible_to(user).exclude(technology="").values_list("technology", flat=True)
    return sorted(rows.order_by().distinct())


def countries_of(user: Any) -> list[str]:
    """Countries that anything was counted for."""
    rows = ReachLine.objects.visible_to(user).filter(technology="").values_list("country", flat=True)
    return sorted(rows.order_by().distinct())


def counted(user: Any) -> ReachRun | None:
    """When the tenant's reach was counted last; None before the first time."""
    return ReachRun.objects.visible_to(user).first()


def with_reach(operators: QuerySet[Operator]) -> QuerySet[Operator]:
    """Operators with `reach_postcodes`, `reach_premises` and `reach_areas` of their footprint in force, as counted."""
    here = ReachMap.objects.filter(operator=OuterRef("pk"), technology="").order_by().values("operator")
    return operators.annotate(
        reach_postcodes=Subquery(here.annotate(n=Sum("postcodes_count")).values("n")[:1]),
        reach_premises=Subquery(here.annotate(n=Sum("premises_count")).values("n")[:1]),
        reach_areas=Subquery(here.annotate(n=Coalesce(Sum(Value(1)), 0)).values("n")[:1]),
    )


def areas_of(operator: Operator, most: int = 200) -> list[ReachMap]:
    """Where an operator is live, largest areas first, without the bitmaps."""
    rows = ReachMap.objects.filter(operator=operator, technology="").filter(Q(postcodes_count__gt=0))
    return list(rows.defer("postcodes", "premises").order_by("-postcodes_count", "area")[:most])
