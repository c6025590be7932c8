"""From a place to a product in use, as a buyer's system lives it: TMF673, 679, 645, 620, 648, 646, 637."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.clock import now
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import Appointment, OrderItem, PartnerOrder, ServiceRecord
from ofx.tmf.inquiry.actions import KEPT, Answer, change, forget
from ofx.tmf.models import BuyerVisit, Inquiry
from partners.connectors.tmf679 import write
from partners.connectors.tmf679.answers import Product, Question
from partners.connectors.tmf679.read import told
from partners.models import Address, Agreement, Offering, Price
from tests.conftest import agreement, offering, place
from tests.ofx.orders.conftest import AT, hear, news
from tests.tmf.conftest import v4_order
from tests.tmf.market import LATER, PLACE, SLOT, check, poq, query, quote, search, url, validation, visit

NORTH = "northfibre:fttp-500"


def posted(caller: Any, number: str, resource: str, body: dict[str, Any]) -> dict[str, Any]:
    """The resource that a POST made."""
    answer = caller.post(url(number, resource), body)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def premises(shop: Any) -> list[Address]:
    """Two houses in the place."""
    texts = [(1, "1 Sample Street, London, SW1A 1AA"), (2, "2B Sample Street, London, SW1A 1AA")]
    return [Address.objects.create(country="GB", postcode="SW1A1AA", key=str(n), text=text) for n, text in texts]


def test_places_are_found_by_postcode_street_and_id(buyer: Any, premises: list[Address]) -> None:
    path = url("673", "geographicAddress")
    first, second = (f"GB-SW1A1AA-{one.pk}" for one in premises)

    def ids(**asked: str) -> set[str]:
        return {row["id"] for row in buyer.get(path, asked).json()}

    assert ids(postcode="sw1a1aa") == set()  # the filter is exact on what is shown
    assert ids(postcode="SW1A 1AA") == {"GB-SW1A1AA", first, second}
    assert ids(postcode="SW1A 1AA", streetNr="2") == {second}
    assert ids(streetName="Sample Street") == {first, second}
    assert ids(name=f'"{premises[0].text}"') == {first}
    assert ids(postcode="EC1A 1BB") == ids(postcode="nonsense") == ids(country="FR") == set()
    found = buyer.get(url("673", "geographicAddress", second)).json()
    parts = {name: found[name] for name in ("streetNr", "streetNrSuffix", "streetName", "city", "postcode", "country")}
    assert list(parts.values()) == ["2", "B", "Sample Street", "London", "SW1A 1AA", "GB"]
    assert found["geographicLocation"]["bbox"] == [-0.142, 51.501, -0.142, 51.501]


@pytest.mark.parametrize(
    ("submitted", "result", "found"),
    [
        ({"postcode": "SW1A 1AA"}, "success", True),
        ({"streetNr": "1", "streetName": "Sample Street", "postcode": "SW1A 1AA"}, "success", True),
        ({"streetNr": "99", "streetName": "Elsewhere Road", "postcode": "SW1A 1AA"}, "partial", True),
        ({"postcode": "SW1A 2ZZ"}, "fails", False),
        ({"postcode": "never"}, "fails", False),
        ({}, "fails", False),
    ],
)
def test_an_address_is_validated(
    buyer: Any, premises: list[Address], submitted: dict[str, str], result: str, found: bool
) -> None:
    body = validation(submittedGeographicAddress=submitted)
    made = posted(buyer, "673", "geographicAddressValidation", body)
    assert (made["state"], made["validationResult"], "validGeographicAddress" in made) == ("done", result, found)
    if result == "partial":
        assert len(made["alternateGeographicAddress"]) == 2
    path = url("673", "geographicAddressValidation", made["id"])
    changed = buyer.patch(path, {"submittedGeographicAddress": {"id": "GB-SW1A1AA"}}).json()
    assert changed["validationResult"] == "success" or submitted.get("streetNr")


def test_what_a_validation_lacks_is_named(buyer: Any) -> None:
    path = url("673", "geographicAddressValidation")
    for body, name in (
        ({}, "submittedGeographicAddress"),
        ({"submittedGeographicAddress": {}}, "provideAlternative"),
        ({"submittedGeographicAddress": {"postcode": []}, "provideAlternative": True}, "submittedGeographicAddress."),
        (validation(provideAlternative="yes"), "provideAlternative"),
    ):
        answer = buyer.post(path, body)
        assert answer.status_code == 400
        assert answer.json()["reason"].startswith(name)


def test_an_offer_qualifies_with_its_price_under_the_agreement(shop: Any, buyer: Any) -> None:
    mine = Agreement.objects.get(organisation=shop.brightwave, operator=shop.north)
    Price.objects.create(offering=shop.fttp, agreement=mine, monthly="21.50", one_off="5", starts=date(2025, 1, 1))
    made = posted(buyer, "679", "productOfferingQualification", poq(NORTH, "fttp-500"))
    first, second = made["productOfferingQualificationItem"]
    assert made["qualificationResult"] == first["qualificationItemResult"] == "qualified"
    assert first["productOffering"]["id"] == second["productOffering"]["id"] == NORTH
    prices = {one["priceType"]: one["price"]["dutyFreeAmount"] for one in first["product"]["productPrice"]}
    assert prices == {"oneTime": {"unit": "GBP", "value": 5.0}, "recurring": {"unit": "GBP", "value": 21.5}}
    assert made["expirationDate"] > made["effectiveQualificationDate"]


def test_why_not_and_what_else_are_said_where_they_are_wanted(shop: Any, buyer: Any) -> None:
    Agreement.objects.filter(organisation=shop.brightwave, operator=shop.north).update(state="ended")
    body = poq(NORTH, provideAlternative=True)
    (item,) = posted(buyer, "679", "productOfferingQualification", body)["productOfferingQualificationItem"]
    assert item["qualificationItemResult"] == "alternate"
    assert [one["code"] for one in item["eligibilityUnavailabilityReason"]] == ["NO_AGREEMENT"]
    others = [one["alternateProductOffering"]["id"] for one in item["alternateProductOfferingProposal"]]
    assert set(others) == {"southlink:sl-500", "brightnet:bn-900", "southlink:router"}
    quiet = posted(buyer, "679", "productOfferingQualification", poq(NORTH, provideUnavailabilityReason=False))
    assert "eligibilityUnavailabilityReason" not in quiet["productOfferingQualificationItem"][0]
    assert quiet["qualificationResult"] == "unqualified"
    bare = posted(buyer, "679", "productOfferingQualification", poq(NORTH, provideOnlyAvailable=True))
    assert "productOfferingQualificationItem" not in bare


def test_without_an_offer_the_best_at_the_place_is_told(buyer: Any) -> None:
    made = posted(buyer, "679", "productOfferingQualification", {"place": [PLACE], "category": {"id": "broadband"}})
    (item,) = made["productOfferingQualificationItem"]
    names = [item["productOffering"]["id"]]
    names += [one["alternateProductOffering"]["id"] for one in item["alternateProductOfferingProposal"]]
    assert set(names) == {NORTH, "southlink:sl-500", "brightnet:bn-900"}


def test_a_place_that_nobody_knows_or_serves_is_unqualified(shop: Any, buyer: Any) -> None:
    place("EC1A1BB")
    for postcode, code in (("EC1A 1BB", "NO_COVERAGE"), ("ZE1 0AA", "ADDRESS_UNKNOWN")):
        body = {**poq(NORTH), "place": [{"role": "x", "postcode": postcode}]}
        (item,) = posted(buyer, "679", "productOfferingQualification", body)["productOfferingQualificationItem"]
        assert item["eligibilityUnavailabilityReason"][0]["code"] == code
    assert buyer.post(url("679", "productOfferingQualification"), {}).json()["reason"].startswith("place:")
    many = [{"id": str(n), "product": {"place": [{"role": "x", "postcode": f"SW1A {n}AA"}]}} for n in range(11)]
    answer = buyer.post(url("679", "productOfferingQualification"), {"productOfferingQualificationItem": many})
    assert (answer.status_code, answer.json()["reason"].split(":")[0]) == (400, "place")


def test_a_patch_asks_anew_and_what_we_say_cannot_be_patched(buyer: Any) -> None:
    made = posted(buyer, "679", "productOfferingQualification", poq(NORTH))
    path = url("679", "productOfferingQualification", made["id"])
    changed = buyer.patch(path, {"place": [{"role": "x", "postcode": "ZE1 0AA"}], "description": "moved"}).json()
    assert (changed["id"], changed["qualificationResult"], changed["description"]) == (
        made["id"],
        "unqualified",
        "moved",
    )
    assert buyer.patch(path, {"state": "done"}).status_code == 200  # what stands there
    for name in ("state", "qualificationResult", "expirationDate", "id"):
        answer = buyer.patch(path, {name: "x"})
        assert (answer.status_code, answer.json()["reason"].split(":")[0]) == (400, name)
    assert buyer.delete(path).status_code == 204
    assert buyer.get(path).status_code == 404


def test_our_own_client_of_these_standards_understands_our_answers(buyer: Any) -> None:
    """What we ask of partners by TMF679 and TMF645 is what we answer to buyers: one reading fits both."""
    asked = Question("k", "GB", "SW1A 1AA", products=(Product(NORTH, "FTTP-500", "FTTP"), Product("none", "None")))
    for api, number, resource, body in (
        ("tmf679", "679", "productOfferingQualification", write.poq(asked)),
        ("tmf645", "645", "checkServiceQualification", write.check(asked)),
    ):
        found = told(api, asked, posted(buyer, number, resource, body), now())
        first, second = found.lines
        assert (first.available, first.code, first.technology, first.down_mbps) == (True, NORTH, "FTTP", 500)
        assert (second.available, second.code) == (False, "none")
        assert found.valid_until is not None


def test_a_service_is_checked_and_services_are_looked_up(buyer: Any) -> None:
    (item,) = posted(buyer, "645", "checkServiceQualification", check(externalId="E-1"))["serviceQualificationItem"]
    assert item["qualificationResult"] == "qualified"
    traits = {one["name"]: one["value"] for one in item["service"]["serviceCharacteristic"]}
    assert (traits["downstreamSpeed"], traits["technology"]) == (500, "FTTP")
    found = posted(buyer, "645", "queryServiceQualification", query())["serviceQualificationItem"]
    ids = {one["service"]["serviceSpecification"]["id"] for one in found}
    assert ids == {NORTH, "southlink:sl-500", "brightnet:bn-900", "southlink:router"}
    assert [one["externalId"] for one in buyer.get(url("645", "checkServiceQualification")).json()] == ["E-1"]


def test_the_catalogue_shows_my_prices_and_nobody_elses(shop: Any, buyer: Any) -> None:
    theirs = agreement(shop.cobalt, shop.north)
    secret = Price.objects.create(offering=shop.fttp, agreement=theirs, monthly="9.99", starts=date(2025, 1, 1))
    one = buyer.get(url("620", "productOffering", NORTH)).json()
    assert one["isSellable"] is True
    assert [price["price"]["dutyFreeAmount"]["value"] for price in one["productOfferingPrice"]] == [0.0, 30.0]
    charlie = shop.api("charlie")
    mine = charlie.get(url("620", "productOffering", NORTH)).json()
    assert 9.99 in [price["price"]["dutyFreeAmount"]["value"] for price in mine["productOfferingPrice"]]
    assert charlie.get(url("620", "productOffering", "southlink:sl-500")).json()["isSellable"] is False
    assert charlie.get(url("620", "productOffering", "brightnet:bn-900")).status_code == 404  # Alice's own network
    identifier = f"{secret.pk}-monthly"
    assert buyer.get(url("620", "productOfferingPrice", identifier)).status_code == 404
    assert charlie.get(url("620", "productOfferingPrice", identifier)).json()["price"]["value"] == 9.99
    assert identifier not in [row["id"] for row in buyer.get(url("620", "productOfferingPrice")).json()]
    assert shop.api("ada").get(url("620", "productOfferingPrice", identifier)).status_code == 404


def test_a_withdrawn_offer_is_retired_and_writes_are_refused_with_the_reason(shop: Any, buyer: Any) -> None:
    Offering.objects.filter(pk=shop.fttp.pk).update(active=False)
    (row,) = buyer.get(url("620", "productOffering"), {"lifecycleStatus": "Retired"}).json()
    assert (row["id"], row["isSellable"]) == (NORTH, False)
    answer = buyer.post(url("620", "productOffering"), {"name": "x"})
    assert (answer.status_code, answer.json()["reason"][:25]) == (405, "The catalogue is read onl")


def test_a_quote_is_priced_accepted_and_ends(shop: Any, buyer: Any) -> None:
    body = quote()
    body["quoteItem"][0]["quantity"] = 3
    made = posted(buyer, "648", "quote", body)
    assert made["state"] == "approved"
    totals = {one["priceType"]: one["price"]["dutyFreeAmount"]["value"] for one in made["quoteTotalPrice"]}
    assert totals == {"oneTime": 0.0, "recurring": 90.0}
    path = url("648", "quote", made["id"])
    again = {"quoteItem": [{"id": "1", "quantity": 4}], "state": "accepted"}
    assert buyer.patch(path, again).status_code == 409
    assert buyer.patch(path, {"state": "inProgress"}).status_code == 409
    assert buyer.patch(path, {"state": "accepted", "note": [{"text": "yes"}]}).json()["note"][0]["text"] == "yes"
    assert buyer.patch(path, {"state": "rejected"}).status_code == 409
    late = posted(buyer, "648", "quote", quote())
    Inquiry.objects.filter(pk=int(late["id"][1:])).update(expires_at=now() - timedelta(days=1))
    assert "ended" in buyer.patch(url("648", "quote", late["id"]), {"state": "accepted"}).json()["reason"]
    order = v4_order(quote=[{"id": made["id"]}], externalId="from-quote")
    assert (
        buyer.post("/tmf-api/productOrderingManagement/v4/productOrder", order).json()["quote"][0]["id"] == made["id"]
    )


def test_of_two_who_change_a_question_at_once_one_is_refused(shop: Any, buyer: Any) -> None:
    made = posted(buyer, "648", "quote", quote())
    row = Inquiry.objects.get(pk=int(made["id"][1:]))
    change(actor=shop.alice, inquiry=row, given=row.given, answer=Answer("accepted", row.answer), at=now())
    with pytest.raises(IllegalTransition):
        change(actor=shop.alice, inquiry=row, given=row.given, answer=Answer("cancelled", row.answer), at=now())
    assert buyer.get(url("648", "quote", made["id"])).json()["state"] == "accepted"


def test_a_quote_ends_with_the_price_and_is_rejected_without_one(shop: Any, buyer: Any) -> None:
    soon = now().date() + timedelta(days=3)
    Price.objects.filter(offering=shop.fttp).update(ends=soon)
    made = posted(buyer, "648", "quote", quote())
    assert made["validFor"]["endDateTime"] == f"{soon.isoformat()}T00:00:00Z"
    refused = posted(buyer, "648", "quote", quote("nobody:nothing"))
    assert (refused["state"], "quoteTotalPrice" in refused) == ("rejected", False)
    assert refused["quoteItem"][0]["note"][0]["text"].startswith("UNKNOWN_OFFERING")


def test_a_visit_is_proposed_confirmed_moved_and_given_back(shop: Any, buyer: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, external_id="7"))
    slots = posted(buyer, "646", "searchTimeSlot", search(order))
    assert (slots["status"], "no appointment system" in slots["searchResult"]) == ("done", True)
    made = posted(buyer, "646", "appointment", visit(order, description="ground floor"))
    assert (made["status"], made["validFor"], made["externalId"]) == ("initialized", SLOT, "V-1")
    assert posted(buyer, "646", "appointment", visit(order))["id"] == made["id"]  # the same externalId
    assert buyer.post(url("646", "appointment"), visit(order, externalId="V-2")).status_code == 409
    path = url("646", "appointment", made["id"])
    assert buyer.patch(path, {"validFor": SLOT, "status": "confirmed"}).json()["status"] == "confirmed"
    assert buyer.patch(path, {"validFor": LATER}).json()["validFor"] == LATER
    assert buyer.patch(path, {"description": "first floor"}).json()["description"] == "first floor"
    assert buyer.patch(path, {"status": "completed"}).status_code == 409
    assert buyer.patch(path, {"validFor": {**SLOT, "endDateTime": SLOT["startDateTime"]}}).status_code == 400
    assert buyer.delete(path).status_code == 204
    assert buyer.get(path).json()["status"] == "cancelled"
    assert (
        buyer.get(url("646", "appointment"), {"externalId": "V-1", "status": "cancelled"}).json()[0]["id"] == made["id"]
    )
    assert BuyerVisit.objects.count() == 1


def test_a_visit_needs_an_order_of_ones_own(shop: Any, buyer: Any, order_for: Any) -> None:
    order = order_for()
    for body in (visit(order), search(order)):
        resource = "appointment" if "validFor" in body else "searchTimeSlot"
        answer = shop.api("charlie").post(url("646", resource), body)
        assert (answer.status_code, answer.json()["reason"][:13]) == (400, "relatedEntity")


def test_products_are_the_live_services(shop: Any, buyer: Any, order_for: Any) -> None:
    order = order_for(shop.other)
    hear(order, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    (row,) = buyer.get(url("637", "product")).json()
    assert (row["status"], row["productOffering"]["id"]) == ("active", "southlink:sl-500")
    assert row["productOrderItem"][0]["productOrderId"] == order.reference
    assert row["place"][0]["postcode"] == "SW1A 1AA"
    assert buyer.get(url("637", "product"), {"status": "terminated"}).json() == []
    assert "productOrder" in buyer.delete(url("637", "product", row["id"])).json()["reason"]


def test_old_questions_are_forgotten_unless_they_still_hold(buyer: Any) -> None:
    posted(buyer, "648", "quote", quote())
    posted(buyer, "679", "productOfferingQualification", poq(NORTH))
    old = now() - KEPT - timedelta(days=1)
    Inquiry.objects.update(created_at=old, expires_at=old)
    Inquiry.objects.filter(kind="quote").update(expires_at=now() + timedelta(days=1))
    assert forget(at=now()) == 1
    assert Inquiry.objects.get().kind == "quote"


def grow(shop: Any, order: Any, size: int) -> None:
    """So many offers, services, visits and questions."""
    for number in range(Offering.objects.count(), size):
        offering(shop.north, f"more-{number}")
    part = order.partner_orders.earliest("pk")
    for number in range(ServiceRecord.objects.count(), size):
        item = OrderItem.objects.create(order=order, position=number + 10, offering=shop.fttp)
        PartnerOrder.objects.create(
            organisation=shop.brightwave, order=order, item=item, operator=shop.north, our_key=f"k{number}",
            created_at=AT,
        )  # fmt: skip
        ServiceRecord.objects.create(
            organisation=shop.brightwave, customer=shop.harbour, reference=f"S-{number}", item=item,
            operator=shop.north, offering=shop.fttp, place_text="x", postcode="SW1A1AA", active_from=AT,
        )  # fmt: skip
        Appointment.objects.create(
            organisation=shop.brightwave, partner_order=part, operator=shop.north, our_key=f"v{number}",
            place_text="x", postcode="SW1A1AA", state="cancelled", slot_start=AT, slot_end=AT + timedelta(hours=1),
            created_at=AT, changed_at=AT,
        )  # fmt: skip
        Inquiry.objects.create(
            organisation=shop.brightwave, kind="quote", state="done", created_at=AT, answered_at=AT, answer={}
        )


def test_the_queries_of_the_lists_do_not_grow_with_their_rows(shop: Any, buyer: Any, order_for: Any) -> None:
    order = order_for()
    lists = [("620", "productOffering"), ("620", "productOfferingPrice"), ("637", "product"), ("646", "appointment"),
             ("648", "quote"), ("620", "productSpecification")]  # fmt: skip
    counts = []
    for size in (10, 200):
        grow(shop, order, size)
        found = []
        for number, resource in lists:
            with CaptureQueriesContext(connection) as queries:
                rows = buyer.get(url(number, resource), {"limit": 500}).json()
            assert len(rows) >= size or resource == "productSpecification"
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
