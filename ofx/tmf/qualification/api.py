"""productOfferingQualification, checkServiceQualification and queryServiceQualification over HTTP."""

from datetime import datetime
from typing import Any

from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.resource import Inquiries
from ofx.tmf.qualification import checks, products
from ofx.tmf.qualification.faces import CHECK, OFFERS, QUERY

Json = dict[str, Any]


class ProductOfferingQualifications(Inquiries):
    """Which offers can be had at a place."""

    faces = {"v4": OFFERS}
    kind = "offers"
    patchable = products.PATCHABLE

    def read(self, body: Json) -> Json:
        """See products.read."""
        return products.read(body)

    def answer(self, given: Json, at: datetime) -> Answer:
        """At once, from search."""
        return products.answer(given, self.request.user, at)


class CheckServiceQualifications(Inquiries):
    """Whether services can be had at a place."""

    faces = {"v4": CHECK}
    kind = "check"
    patchable = checks.PATCHABLE_CHECK

    def read(self, body: Json) -> Json:
        """See checks.read_check."""
        return checks.read_check(body)

    def answer(self, given: Json, at: datetime) -> Answer:
        """At once, from search."""
        return checks.answer_check(given, self.request.user, at)


class QueryServiceQualifications(Inquiries):
    """Which services can be had at a place."""

    faces = {"v4": QUERY}
    kind = "query"
    patchable = checks.PATCHABLE_QUERY

    def read(self, body: Json) -> Json:
        """See checks.read_query."""
        return checks.read_query(body)

    def answer(self, given: Json, at: datetime) -> Answer:
        """At once, from search."""
        return checks.answer_query(given, self.request.user, at)
