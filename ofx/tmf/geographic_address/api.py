"""geographicAddress and geographicAddressValidation over HTTP."""

from datetime import datetime
from typing import Any

from django.http import Http404

from ofx.tmf.geographic_address.documents import address_document
from ofx.tmf.geographic_address.faces import ADDRESS, VALIDATION
from ofx.tmf.geographic_address.looking import candidates
from ofx.tmf.geographic_address.validating import validate
from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.reading import flag, member, place
from ofx.tmf.inquiry.resource import Inquiries
from ofx.tmf.places import by_id
from ofx.tmf.rest import listing
from ofx.tmf.rest.errors import invalid
from ofx.tmf.rest.fields import Fields
from ofx.tmf.rest.query import Query
from ofx.tmf.rest.resource import Resource


class GeographicAddresses(Resource):
    """geographicAddress: public places, the same for every tenant."""

    faces = {"v4": ADDRESS}

    def page(self, query: Query) -> listing.Page:
        """Among what the filter names (see `looking`)."""
        found = candidates(query, self.acting.organisation.country)
        return listing.of_documents(found, query, self.face)

    def document(self, identifier: str, fields: Fields) -> dict[str, Any]:
        """One place, or premises."""
        found = by_id(identifier) if "\x00" not in identifier else None
        if found is None:
            raise Http404
        return address_document(*found)


class GeographicAddressValidations(Inquiries):
    """geographicAddressValidation."""

    faces = {"v4": VALIDATION}
    kind = "address"
    patchable = {"provideAlternative", "submittedGeographicAddress"}

    def read(self, body: dict[str, Any]) -> dict[str, Any]:
        """Both attributes are demanded."""
        for name in ("submittedGeographicAddress", "provideAlternative"):
            if body.get(name) is None:
                raise invalid(name, "This field is required.")
        submitted = place(member(body, "submittedGeographicAddress"), "submittedGeographicAddress.")
        submitted.pop("role", None)
        return {"submittedGeographicAddress": submitted, "provideAlternative": flag(body, "provideAlternative")}

    def answer(self, given: dict[str, Any], at: datetime) -> Answer:
        """At once."""
        return validate(given, self.acting.organisation.country, at)
