"""A quote: read a body, price its items at their places, say until when that holds."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ofx.core.models import Organisation
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
from ofx.tmf.qualification.judging import MOST_ITEMS, QUALIFIED, Judge, Verdict, Wanted
from ofx.tmf.qualification.traits import characteristics, offering_reference, place_rows, price_row
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.errors import invalid
from partners.coverage.queries import price_of
from partners.models import Agreement, Offering

HOLDS = timedelta(days=14)
ITEMS = "quoteItem"
TEXTS = {"category": 120, "description": 1000, "version": 20}
DATES = ("expectedFulfillmentStartDate", "requestedQuoteCompletionDate")
ECHOED = (*TEXTS, *DATES, "externalId", "instantSyncQuote", "note", "relatedParty")
Json = dict[str, Any]


def read(body: Json) -> Json:
    """A Quote_Create. Raises ValidationError naming the attribute."""
    items = members(body, ITEMS, MOST_ITEMS)
    if not items:
        raise invalid(ITEMS, "This field is required.")
    return filled(
        **{name: text(body, name, limit) for name, limit in TEXTS.items()},
        **{name: when(body, name) for name in DATES},
        externalId=text(body, "externalId", 80),
        instantSyncQuote=flag(body, "instantSyncQuote"),
        note=notes(body),
        relatedParty=references(body, "relatedParty"),
        quoteItem=[_item(one, number) for number, one in enumerate(items, start=1)],
    )


def _item(given: Json, number: int) -> Json:
    path = f"{ITEMS}[{number - 1}]."
    product = member(given, "product", path)
    offering = member(given, "productOffering", path) or member(product, "productOffering", path)
    quantity = given.get("quantity", 1)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 1 <= quantity <= 10_000:
        raise invalid(path + "quantity", "A whole number from 1 to 10000.")
    made = filled(
        id=text(given, "id", 60, path) or str(number),
        action=text(given, "action", 20, path) or "add",
        quantity=quantity,
        productOffering=reference(offering, path + "productOffering."),
        place=chosen_place(product, path + "product."),
    )
    for name in ("productOffering", "place"):
        if name not in made:
            raise invalid(path + ("product.place" if name == "place" else name), "This field is required.")
    return made


def answer(given: Json, user: Any, at: datetime) -> Answer:
    """Approved where every item can be had and has a price, else rejected with the reasons."""
    judge = Judge(user, at, False)
    verdicts = [judge.judge(_wanted(one)) for one in given[ITEMS]]
    pairs = list(zip(given[ITEMS], verdicts, strict=True))
    good = all(priced(one) for one in verdicts)
    until = min([at + HOLDS, *(_ends(one, judge.organisation, at) for one in verdicts if priced(one))])
    document = filled(
        **{name: given.get(name) for name in ECHOED},
        effectiveQuoteCompletionDate=stamp(at),
        expectedQuoteCompletionDate=stamp(at),
        quoteItem=[_document(one, verdict) for one, verdict in pairs],
        quoteTotalPrice=_total(pairs) if good else [],
        validFor={"startDateTime": stamp(at), "endDateTime": stamp(until)} if good else None,
    )
    return Answer("approved" if good else "rejected", document, until if good else None)


def _wanted(one: Json) -> Wanted:
    return Wanted(id=one["id"], place=one["place"], offering=one["productOffering"], action=one["action"])


def priced(verdict: Verdict) -> bool:
    """Whether an item can be had, and has a price."""
    return verdict.result == QUALIFIED and bool(verdict.offer and verdict.offer.get("price"))


def _ends(verdict: Verdict, organisation: Organisation, at: datetime) -> datetime:
    """When the price or the agreement under it ends; far off where neither does."""
    assert verdict.offer is not None
    offering = Offering.objects.get(pk=verdict.offer["id"])
    known = Agreement.objects.filter(organisation=organisation, operator=offering.operator_id)
    agreement = known.in_force(at.date()).first()
    price = price_of(offering, agreement, at.date())
    days = [ends for ends in (price and price.ends, agreement and agreement.ends) if ends]
    return datetime.combine(min(days), time(), UTC) if days else at + HOLDS


def _document(given: Json, verdict: Verdict) -> Json:
    offer = verdict.offer
    good = priced(verdict)
    why = [f"{code}: {label}" for code, label in verdict.reasons] or ["No price is known for it."]
    product = {"isBundle": False, "place": place_rows(verdict.where, given["place"]), "@type": "Product"}
    if offer:
        product |= filled(name=offer["product"], productCharacteristic=characteristics(offer))
    named = given["productOffering"]
    return filled(
        id=given["id"],
        action=given["action"],
        quantity=given["quantity"],
        state="approved" if good else "rejected",
        productOffering=offering_reference(offer) if offer else (named if "id" in named else None),
        product=product,
        quoteItemPrice=prices(offer["price"], given["quantity"]) if good and offer else [],
        note=[] if good else [{"id": "1", "text": "; ".join(why), "author": "OFX", "@type": "Note"}],
        type_="QuoteItem",
    )


def prices(price: Json, quantity: int) -> list[Json]:
    """Once and each month, for so many."""
    once = price_row("One-off charge", "oneTime", Decimal(price["one_off"]) * quantity, price["currency"], "QuotePrice")
    monthly = price_row(
        "Monthly rental", "recurring", Decimal(price["monthly"]) * quantity, price["currency"], "QuotePrice"
    )
    return [once, {**monthly, "recurringChargePeriod": "month"}]


def _total(pairs: list[tuple[Json, Verdict]]) -> list[Json]:
    """A sum for each currency."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: {"one_off": Decimal(0), "monthly": Decimal(0)})
    for given, verdict in pairs:
        assert verdict.offer is not None
        price = verdict.offer["price"]
        for name in ("one_off", "monthly"):
            sums[price["currency"]][name] += Decimal(price[name]) * given["quantity"]
    return [row for currency, amounts in sums.items() for row in prices({**amounts, "currency": currency}, 1)]
