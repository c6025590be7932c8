"""productOfferingQualification (TMF679 v4): read a body, write the answer."""

from datetime import datetime
from typing import Any

from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.reading import (
    chosen_place,
    filled,
    flag,
    member,
    members,
    notes,
    reference,
    references,
    text,
    when,
)
from ofx.tmf.qualification.judging import HOLDS, MOST_ITEMS, QUALIFIED, Judge, Verdict, Wanted, active_from, overall
from ofx.tmf.qualification.traits import characteristics, offering_reference, place_rows, price_rows
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.errors import invalid

ACTIONS = ("add", "modify", "delete", "noChange")
FLAGS = (
    "instantSyncQualification", "provideAlternative", "provideOnlyAvailable", "provideUnavailabilityReason",
)  # fmt: skip
ECHOED = (
    "description", "requestedPOQCompletionDate", "category", "channel", "note", "relatedParty", *FLAGS,
)  # fmt: skip
PATCHABLE = {*ECHOED, "place", "productOfferingQualificationItem"}
Json = dict[str, Any]


def read(body: Json) -> Json:
    """What is kept of a body. Raises ValidationError naming the attribute."""
    items = members(body, "productOfferingQualificationItem", MOST_ITEMS)
    given = filled(
        description=text(body, "description", 1000),
        requestedPOQCompletionDate=when(body, "requestedPOQCompletionDate"),
        category=reference(member(body, "category"), "category."),
        channel=reference(member(body, "channel"), "channel."),
        note=notes(body),
        relatedParty=references(body, "relatedParty"),
        place=[place] if (place := chosen_place(body)) else [],
        productOfferingQualificationItem=[_item(one, number) for number, one in enumerate(items, start=1)],
        **{name: flag(body, name) for name in FLAGS},
    )
    for name in ("category", "channel"):
        if name in given and "id" not in given[name]:
            raise invalid(f"{name}.id", "This field is required.")
    if not given.get("place") and not all(one.get("place") for one in given.get(ITEMS, [{}])):
        raise invalid("place", "Say where: a place of the qualification, or a place of each item's product.")
    return given


ITEMS = "productOfferingQualificationItem"


def _item(given: Json, number: int) -> Json:
    path = f"{ITEMS}[{number - 1}]."
    product = member(given, "product", path)
    offering = member(given, "productOffering", path) or member(product, "productOffering", path)
    action = text(given, "action", 20, path) or "add"
    if action not in ACTIONS:
        raise invalid(path + "action", f"One of {', '.join(ACTIONS)}.")
    return filled(
        id=text(given, "id", 60, path) or str(number),
        action=action,
        productOffering=reference(offering, path + "productOffering."),
        place=chosen_place(product, path + "product."),
    )


def answer(given: Json, user: Any, at: datetime) -> Answer:
    """What search says to it."""
    judge = Judge(user, at, bool(given.get("provideAlternative")))
    verdicts = [judge.judge(one) for one in _wanted(given)]
    shown = [one for one in verdicts if one.result == QUALIFIED or not given.get("provideOnlyAvailable")]
    reasons = given.get("provideUnavailabilityReason") is not False
    places = [place_rows(*_found(judge, place))[0] for place in given.get("place", [])]
    document = filled(
        **{name: given.get(name) for name in ECHOED},
        effectiveQualificationDate=stamp(at),
        expectedPOQCompletionDate=stamp(at),
        qualificationResult=overall(verdicts),
        place=places,
        productOfferingQualificationItem=[item_document(one, at, reasons) for one in shown],
    )
    for name, kind in (("category", "Category"), ("channel", "Channel")):
        if name in document:
            document[name] = {**document[name], "@referredType": kind}
    return Answer("done", document, at + HOLDS)


def _found(judge: Judge, place: Json) -> tuple[Any, Json]:
    return judge.at_place(place)[0], place


def _wanted(given: Json) -> list[Wanted]:
    """The items; without any, whatever there is at the place."""
    everywhere = (given.get("place") or [{}])[0]
    kind = given.get("category", {}).get("id", "")
    return [
        Wanted(
            id=one.get("id", "1"),
            action=one.get("action", "add"),
            offering=one.get("productOffering", {}),
            place=one.get("place") or everywhere,
            kind=kind,
        )
        for one in given.get(ITEMS) or [{}]
    ]


def item_document(verdict: Verdict, at: datetime, reasons: bool) -> Json:
    """productOfferingQualificationItem."""
    offer = verdict.offer
    named = {**verdict.wanted.offering, "@referredType": "ProductOffering"} if "id" in verdict.wanted.offering else None
    return filled(
        id=verdict.wanted.id,
        action=verdict.wanted.action,
        state="done",
        qualificationItemResult=verdict.result,
        expectedActivationDate=stamp(active_from(offer, at)) if offer else None,
        productOffering=offering_reference(offer) if offer else named,
        product=_product(verdict, offer),
        eligibilityUnavailabilityReason=[
            {"code": code, "label": label, "@type": "EligibilityUnavailabilityReason"}
            for code, label in verdict.reasons
            if reasons
        ],
        alternateProductOfferingProposal=[
            _alternate(number, one, at) for number, one in enumerate(verdict.others, start=1)
        ],
        type_="ProductOfferingQualificationItem",
    )


def _product(verdict: Verdict, offer: Json | None) -> Json:
    made = {"isBundle": False, "place": place_rows(verdict.where, verdict.wanted.place)}
    return {**made, **_offered(offer), "@type": "Product"}


def _offered(offer: Json | None) -> Json:
    if offer is None:
        return {}
    price = price_rows(offer.get("price"))
    return filled(name=offer["product"], productCharacteristic=characteristics(offer), productPrice=price)


def _alternate(number: int, offer: Json, at: datetime) -> Json:
    return filled(
        id=str(number),
        alternateActivationDate=stamp(active_from(offer, at)),
        alternateProductOffering=offering_reference(offer),
        alternateProduct={"isBundle": False, **_offered(offer), "@type": "Product"},
        type_="AlternateProductOfferingProposal",
    )
