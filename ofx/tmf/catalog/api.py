"""The catalogue over HTTP: read only, since operators publish what they sell and agreements what it costs."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.http import Http404

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.tmf.catalog.faces import CATEGORY, OFFERING, PRICE, SPECIFICATION
from ofx.tmf.catalog.prices import agreements, price_documents, visible_prices
from ofx.tmf.catalog.shelves import category_documents, specification_documents
from ofx.tmf.rest import listing
from ofx.tmf.rest.fields import Fields
from ofx.tmf.rest.query import Query
from ofx.tmf.rest.resource import Resource
from partners.models import Offering

MOST_PRICES = 5000
Json = dict[str, Any]


class ReadOnly(Resource):
    """A resource of the catalogue."""

    read_only_because = (
        "The catalogue is read only: operators publish what they sell, and agreements say what it costs you."
    )


class ProductOfferings(ReadOnly):
    """productOffering."""

    faces = {"v4": OFFERING}

    def rows(self) -> QuerySet[Offering]:
        """Of every operator that the tenant may see."""
        rows: QuerySet[Offering] = Offering.objects.visible_to(self.request.user)
        return rows.order_by("operator__code", "code")

    def prepare(self, rows: QuerySet[Offering], names: set[str] | None) -> QuerySet[Offering]:
        """With prices and how the tenant stands with each operator."""
        return stocked(rows, self.acting.organisation)


def stocked(rows: QuerySet[Offering], organisation: Organisation) -> QuerySet[Offering]:
    """Offers with `shown_prices`, `own` and the operator's `in_force`, in a constant number of queries."""
    day = now().date()
    prices = Prefetch("prices", visible_prices(organisation, day).select_related("offering"), to_attr="shown_prices")
    standing = Prefetch(
        "operator__agreements", agreements(organisation, day).select_related("operator"), to_attr="in_force"
    )
    own = ExpressionWrapper(Q(operator__on_net_of=organisation), output_field=BooleanField())
    return rows.annotate(own=own).select_related("operator").prefetch_related(prices, standing)


class Documents(ReadOnly):
    """A resource whose documents are few and made at once."""

    def documents(self) -> Iterable[Json]:
        """All of them."""
        raise NotImplementedError

    def page(self, query: Query) -> listing.Page:
        """Filtered and cut."""
        return listing.of_documents(self.documents(), query, self.face)

    def document(self, identifier: str, fields: Fields) -> Json:
        """One."""
        found = next((one for one in self.documents() if one["id"] == identifier), None)
        if found is None:
            raise Http404
        return found


class Categories(Documents):
    """category."""

    faces = {"v4": CATEGORY}

    def documents(self) -> list[Json]:
        """The same for every tenant."""
        return category_documents()


class ProductSpecifications(Documents):
    """productSpecification."""

    faces = {"v4": SPECIFICATION}

    def documents(self) -> list[Json]:
        """Of the active offers that the tenant may see."""
        rows = Offering.objects.visible_to(self.request.user).filter(active=True)
        return specification_documents(rows.order_by().values_list("kind", "technology").distinct())


class ProductOfferingPrices(Documents):
    """productOfferingPrice."""

    faces = {"v4": PRICE}

    def documents(self) -> Iterable[Json]:
        """Two of each price that the tenant may see."""
        seen = Offering.objects.visible_to(self.request.user).filter(active=True)
        rows = visible_prices(self.acting.organisation, now().date()).filter(offering__in=seen)
        for price in rows.select_related("offering")[:MOST_PRICES]:
            yield from price_documents(price)

    def document(self, identifier: str, fields: Fields) -> Json:
        """One, by the number of its price."""
        number = identifier.partition("-")[0]
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise Http404
        seen = Offering.objects.visible_to(self.request.user)
        rows = visible_prices(self.acting.organisation, now().date()).filter(pk=int(number), offering__in=seen)
        found = [one for price in rows.select_related("offering") for one in price_documents(price)]
        chosen = next((one for one in found if one["id"] == identifier), None)
        if chosen is None:
            raise Http404
        return chosen
