"""checkServiceQualification and queryServiceQualification (TMF645 v4): read a body, write the answer."""

from datetime import datetime
from typing import Any

from ofx.search.queries import Qualification
from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.reading import chosen_place, filled, flag, member, members, reference, references, text, when
from ofx.tmf.places import Where
from ofx.tmf.qualification.judging import (
    HOLDS,
    MOST_ITEMS,
    Judge,
    Verdict,
    Wanted,
    active_from,
    fitting,
    overall,
)
from ofx.tmf.qualification.traits import characteristics, offer_id, place_rows
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.errors import invalid

ITEMS, CRITERIA = "serviceQualificationItem", "searchCriteria"
COMMON = ("description", "externalId", "expectedQualificationDate", "instantSyncQualification", "relatedParty")
CHECK_ONLY = ("provideAlternative", "provideUnavailabilityReason")
PATCHABLE_CHECK = {*COMMON, *CHECK_ONLY, ITEMS} - {"externalId"}
PATCHABLE_QUERY = {*COMMON, CRITERIA} - {"externalId"}
MOST_FOUND = 100
Json = dict[str, Any]


def read_check(body: Json) -> Json:
    """A CheckServiceQualification_Create. Raises ValidationError."""
    items = members(body, ITEMS, MOST_ITEMS)
    if not items:
        raise invalid(ITEMS, "This field is required.")
    rows = [_item(one, str(number), f"{ITEMS}[{number - 1}].") for number, one in enumerate(items, start=1)]
    return filled(**_common(body), **{name: flag(body, name) for name in CHECK_ONLY}, serviceQualificationItem=rows)


def read_query(body: Json) -> Json:
    """A QueryServiceQualification_Create. Raises ValidationError."""
    criteria = member(body, CRITERIA)
    if not criteria:
        raise invalid(CRITERIA, "This field is required.")
    return filled(**_common(body), searchCriteria=_item(criteria, "1", f"{CRITERIA}."))


def _common(body: Json) -> Json:
    return {
        "description": text(body, "description", 1000),
        "externalId": text(body, "externalId", 80),
        "expectedQualificationDate": when(body, "expectedQualificationDate"),
        "instantSyncQualification": flag(body, "instantSyncQualification"),
        "relatedParty": references(body, "relatedParty"),
    }


def _item(given: Json, number: str, path: str) -> Json:
    service = member(given, "service", path)
    place = chosen_place(service, path + "service.")
    if not place:
        raise invalid(path + "service.place", "Say where: the place of the service.")
    specification = reference(member(service, "serviceSpecification", path + "service."), path)
    traits = members(service, "serviceCharacteristic", 100, path + "service.")
    technology = next((one.get("value") for one in traits if one.get("name") in ("technology", "accessTechnology")), "")
    return filled(
        id=text(given, "id", 60, path) or number,
        category=reference(member(given, "category", path), path + "category."),
        name=text(service, "name", 250, path),
        serviceSpecification=specification,
        technology=technology[:20] if isinstance(technology, str) else "",
        place=place,
    )


def _wanted(one: Json) -> Wanted:
    return Wanted(
        id=one["id"],
        place=one["place"],
        offering=one.get("serviceSpecification", {}),
        kind=one.get("category", {}).get("id", ""),
        technology=one.get("technology", ""),
    )


def answer_check(given: Json, user: Any, at: datetime) -> Answer:
    """Whether each service can be had."""
    judge = Judge(user, at, bool(given.get("provideAlternative")))
    verdicts = [judge.judge(_wanted(one)) for one in given[ITEMS]]
    reasons = given.get("provideUnavailabilityReason") is not False
    document = filled(
        **{name: given.get(name) for name in (*COMMON, *CHECK_ONLY)},
        effectiveQualificationDate=stamp(at),
        estimatedResponseDate=stamp(at),
        qualificationResult=overall(verdicts),
        serviceQualificationItem=[_checked(one, at, reasons) for one in verdicts],
    )
    return Answer("done", document, at + HOLDS)


def answer_query(given: Json, user: Any, at: datetime) -> Answer:
    """Every service that can be had, best first."""
    wanted = _wanted(given[CRITERIA])
    judge = Judge(user, at, False)
    where, found = judge.at_place(wanted.place)
    offers = [one for one in fitting(_meant(judge, wanted, found), wanted) if one["orderable"]] if found else []
    criteria = filled(
        id=wanted.id,
        category=_category(given[CRITERIA].get("category")),
        service=_asked_service(where, wanted, given[CRITERIA].get("name", "")),
        type_="ServiceQualificationItem",
    )
    document = filled(
        **{name: given.get(name) for name in COMMON},
        effectiveQualificationDate=stamp(at),
        estimatedResponseDate=stamp(at),
        searchCriteria=criteria,
    )
    rows = [_listed(number, one, where, wanted, at) for number, one in enumerate(offers[:MOST_FOUND], start=1)]
    return Answer("done", {**document, ITEMS: rows}, at + HOLDS)


def _meant(judge: Judge, wanted: Wanted, found: Qualification) -> list[Json]:
    """The offers at the place; those of the specification where one is named."""
    name = wanted.offering.get("id", "")
    return [one for one in found.offers if name in ("", offer_id(one), one["code"], str(one["id"]))]


def _listed(number: int, offer: Json, where: Where, wanted: Wanted, at: datetime) -> Json:
    return filled(
        id=str(number),
        expectedServiceAvailabilityDate=stamp(active_from(offer, at)),
        expirationDate=stamp(at + HOLDS),
        category={"id": offer["kind"], "name": offer["kind"]},
        service=_service(offer, where, wanted),
        type_="ServiceQualificationItem",
    )


def _checked(verdict: Verdict, at: datetime, reasons: bool) -> Json:
    wanted, offer = verdict.wanted, verdict.offer
    asked = _asked_service(verdict.where, wanted, "")
    return filled(
        id=wanted.id,
        state="done",
        qualificationResult=verdict.result,
        expectedServiceAvailabilityDate=stamp(active_from(offer, at)) if offer else None,
        expirationDate=stamp(at + HOLDS),
        service=_service(offer, verdict.where, wanted) if offer else asked,
        eligibilityUnavailabilityReason=[
            {"code": code, "label": label, "@type": "ServiceEligibilityUnavailabilityReason"}
            for code, label in verdict.reasons
            if reasons
        ],
        alternateServiceProposal=[_alternate(number, one, at) for number, one in enumerate(verdict.others, start=1)],
        type_="CheckServiceQualificationItem",
    )


def _alternate(number: int, offer: Json, at: datetime) -> Json:
    return filled(
        id=str(number),
        alternateServiceAvailabilityDate=stamp(active_from(offer, at)),
        alternateService=_plain(offer),
        type_="AlternateServiceProposal",
    )


def _service(offer: Json, where: Where, wanted: Wanted) -> Json:
    return {**_plain(offer), "place": place_rows(where, wanted.place)}


def _plain(offer: Json) -> Json:
    return filled(
        name=offer["product"],
        category=offer["kind"],
        serviceSpecification={"id": offer_id(offer), "name": offer["product"], "@referredType": "ServiceSpecification"},
        serviceCharacteristic=characteristics(offer),
        type_="Service",
    )


def _asked_service(where: Where, wanted: Wanted, name: str) -> Json:
    specification = wanted.offering if "id" in wanted.offering else None
    trait = {"name": "technology", "valueType": "string", "value": wanted.technology, "@type": "Characteristic"}
    return filled(
        name=name,
        place=place_rows(where, wanted.place),
        serviceSpecification=specification,
        serviceCharacteristic=[trait] if wanted.technology else [],
        type_="Service",
    )


def _category(given: Json | None) -> Json | None:
    return given if given and "id" in given else None
