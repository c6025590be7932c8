"""Reads of agreements too big for a queryset method."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from ofx.core.models import Organisation
from partners.agreements.models import Terms, TermsLine
from partners.agreements.regions import in_words, within
from partners.coverage.models import Offering, Place, Price
from partners.coverage.queries import prices_on
from partners.operators.models import Agreement, Operator


@dataclass(frozen=True)
class LineShown:
    """A product of the terms with what it costs at list and under the terms in force, to compare."""

    line: TermsLine
    listed: Price | None
    now: TermsLine | None

    @property
    def change(self) -> int | None:
        """How many per cent the monthly price differs from the one in force; None where there is nothing to compare."""
        before, after = self.now.monthly if self.now else None, self.line.monthly
        return round(100 * (after / before - 1)) if before and after is not None and before != after else None


def open_terms(agreement: Agreement) -> Terms | None:
    """The round that waits for an answer."""
    return agreement.terms.filter(state__in=Terms.OPEN).first()


def terms_on(agreement: Agreement, day: date) -> Terms | None:
    """The terms that hold on a day; None for agreements that never had any."""
    rows = agreement.terms.filter(state="accepted", starts__lte=day)
    return rows.order_by("-starts", "-number").first()


def coming_terms(agreement: Agreement, day: date) -> QuerySet[Terms]:
    """Accepted terms whose day is still to come, the nearest first."""
    return agreement.terms.filter(state="accepted", starts__gt=day).order_by("starts", "number")


def list_prices(offerings: Iterable[Offering], day: date) -> dict[int, Price]:
    """Offering id → its list price on a day."""
    rows = prices_on(day, None).filter(offering__in=list(offerings)).order_by("starts")
    return {price.offering_id: price for price in rows}


def lines_of(terms: Terms | None, compared: Terms | None, day: date) -> list[LineShown]:
    """The products of the terms, as a page compares them with list and with the terms in force."""
    if terms is None:
        return []
    lines = list(terms.lines.select_related("offering").order_by("offering__kind", "offering__down_mbps", "pk"))
    listed = list_prices([line.offering for line in lines], day)
    before = {line.offering_id: line for line in compared.lines.all()} if compared and compared != terms else {}
    return [LineShown(line, listed.get(line.offering_id), before.get(line.offering_id)) for line in lines]


def above_list(lines: dict[int, tuple[Decimal, Decimal]], currency: str, day: date) -> bool:
    """Whether any (one-off, monthly) is above the list price of its offering, or cannot be compared with it."""
    listed = list_prices(Offering.objects.filter(pk__in=lines), day)
    for pk, (one_off, monthly) in lines.items():
        price = listed.get(pk)
        if price is None or price.currency != currency or one_off > price.one_off or monthly > price.monthly:
            return True
    return False


def sold_by(operator: Operator) -> QuerySet[Offering]:
    """Everything that an operator sells, in the order of a price sheet."""
    return Offering.objects.filter(operator=operator, active=True).order_by("kind", "technology", "down_mbps", "pk")


def outside(*, organisation: Organisation, offering: Offering, place: Place | None, day: date) -> str:
    """Why an agreement in force does not cover an offering at a place; empty where it does, or where there is none."""
    rows = Agreement.objects.filter(organisation=organisation, operator_id=offering.operator_id).in_force(day)
    agreement = rows.first()
    terms = terms_on(agreement, day) if agreement else None
    if terms is None:
        return ""
    if not terms.at_list and not terms.lines.filter(offering=offering).exists():
        return OUTSIDE_PRODUCTS
    if place and not within(terms.regions, place.country, place.outcode, place.district):
        return f"{OUTSIDE_REGIONS} It holds in: {in_words(terms.regions)}."
    return ""


OUTSIDE_PRODUCTS = "Not part of your agreement: ask for it to be added."
OUTSIDE_REGIONS = "Outside the regions of your agreement: ask for them to be added."


def waiting_for(user: Any) -> QuerySet[Agreement]:
    """Agreements that the acting organisation has to answer, the oldest first."""
    kind = getattr(getattr(user, "acting", None), "organisation", None)
    side = {"operator": "operator", "service_provider": "provider"}.get(kind.kind if kind else "", "")
    rows = Agreement.objects.visible_to(user).filter(Q(waits_for=side) & ~Q(waits_for=""))
    return rows.order_by("moved_at", "pk")
