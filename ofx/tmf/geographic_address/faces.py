"""geographicAddress and geographicAddressValidation as v4 writes them."""

from ofx.tmf.inquiry.face import InquiryFace
from ofx.tmf.places import API
from ofx.tmf.rest.face import Face

NAMES = (
    "city", "country", "locality", "name", "postcode", "stateOrProvince", "streetName", "streetNr", "streetNrLast",
    "streetNrLastSuffix", "streetNrSuffix", "streetSuffix", "streetType", "geographicLocation", "geographicSubAddress",
)  # fmt: skip


class AddressFace(Face):
    """GeographicAddress."""

    type, api, name = "GeographicAddress", API, "geographicAddress"
    attributes = dict.fromkeys(NAMES)


class ValidationFace(InquiryFace):
    """GeographicAddressValidation."""

    type, api, name, prefix = "GeographicAddressValidation", API, "geographicAddressValidation", "V"
    names = (
        "provideAlternative",
        "validationDate",
        "validationResult",
        "alternateGeographicAddress",
        "submittedGeographicAddress",
        "validGeographicAddress",
    )


ADDRESS, VALIDATION = AddressFace(), ValidationFace()
