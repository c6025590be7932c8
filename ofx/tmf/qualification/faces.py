"""The three qualifications as v4 writes them."""

from ofx.tmf.inquiry.face import InquiryFace


class OfferingQualificationFace(InquiryFace):
    """ProductOfferingQualification."""

    type, api, name = "ProductOfferingQualification", "productOfferingQualification", "productOfferingQualification"
    prefix, dated, expiring = "P", "productOfferingQualificationDate", "expirationDate"
    names = (
        "description", "effectiveQualificationDate", "expectedPOQCompletionDate", "instantSyncQualification",
        "provideAlternative", "provideOnlyAvailable", "provideUnavailabilityReason", "qualificationResult",
        "requestedPOQCompletionDate", "category", "channel", "note", "place", "productOfferingQualificationItem",
        "relatedParty",
    )  # fmt: skip


SERVICE = (
    "description", "effectiveQualificationDate", "estimatedResponseDate", "expectedQualificationDate", "externalId",
    "instantSyncQualification", "relatedParty", "serviceQualificationItem",
)  # fmt: skip


class CheckFace(InquiryFace):
    """CheckServiceQualification."""

    type, api, name = "CheckServiceQualification", "serviceQualificationManagement", "checkServiceQualification"
    prefix, dated, expiring = "C", "checkServiceQualificationDate", "expirationDate"
    names = (*SERVICE, "provideAlternative", "provideUnavailabilityReason", "qualificationResult")


class QueryFace(InquiryFace):
    """QueryServiceQualification."""

    type, api, name = "QueryServiceQualification", "serviceQualificationManagement", "queryServiceQualification"
    prefix, dated, expiring = "Q", "queryServiceQualificationDate", "expirationDate"
    names = (*SERVICE, "searchCriteria")


OFFERS, CHECK, QUERY = OfferingQualificationFace(), CheckFace(), QueryFace()
