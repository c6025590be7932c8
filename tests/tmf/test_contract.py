"""TMF673, 679, 645, 620, 648, 646 and 637 against the TM Forum's own files: the operations are read from the files."""

import json
import random
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.clock import now
from ofx.orders.actions.appointing import confirm_appointment
from ofx.orders.models import Appointment, Order
from ofx.tmf.hub import delivery
from ofx.tmf.hub.catalogue import events_of
from ofx.tmf.models import Notification
from partners.agreements.actions import suspend
from partners.models import Address, Agreement
from tests.ofx.orders.conftest import run_events
from tests.tmf.contract import Contract, Operation
from tests.tmf.market import CONTRACTS, READ_ONLY, RESOURCES, scene, url

pytestmark = pytest.mark.data
NUMBERS = list(CONTRACTS)
every_api = pytest.mark.parametrize("number", NUMBERS)


@pytest.fixture
def market(shop: Any, order_for: Any) -> SimpleNamespace:
    """See scene; premises in the place as well."""
    for number in (1, 2):
        Address.objects.create(
            country="GB", postcode="SW1A1AA", key=str(number), text=f"{number} Sample Street, London, SW1A 1AA"
        )
    return scene(shop, order_for)


def operations(number: str) -> list[Operation]:
    """Those of the resources that we serve, and of the hub."""
    wanted = (*RESOURCES[number], "hub")
    return [one for one in CONTRACTS[number].operations() if one.resource in wanted and "SubAddress" not in one.path]


def refused_by_design(operation: Operation) -> bool:
    """Operations that the file has and that we answer by 405."""
    return operation.resource in READ_ONLY and operation.method != "GET"


def _turn(operation: Operation) -> int:
    """What is deleted is deleted last."""
    return ("POST", "GET", "PATCH", "DELETE").index(operation.method)


class Player:
    """Makes the request of an operation as it goes well; what an operation needs is made first."""

    def __init__(self, number: str, caller: Any, market: SimpleNamespace) -> None:
        self.number, self.caller, self.market, self.made = number, caller, market, {}  # type: ignore[var-annotated]

    def identifier(self, resource: str) -> str:
        """An id that can be read."""
        if resource in self.market.known:
            return str(self.market.known[resource])
        if resource not in self.made:
            self.made[resource] = self.play(Operation("POST", f"/{resource}")).json()["id"]
        return str(self.made[resource])

    def play(self, operation: Operation) -> Any:
        """The response."""
        resource = operation.resource
        one = self.identifier(resource) if "{" in operation.path else ""
        body: Any = None
        if operation.method == "POST":
            body = self.market.bodies.get(resource, {"name": "x", "status": "active"})
        if operation.method == "PATCH":
            body = self.market.patches.get(resource, {"description": "x"})
        response = getattr(self.caller, operation.method.lower())(url(self.number, resource, one), body)
        if response.status_code == 201:
            self.made.setdefault(resource, response.json()["id"])
        return response


WRONG: tuple[Any, ...] = (
    "",
    "x" * 3000,
    "a\x00b",
    -1,
    10**30,
    1.5,
    True,
    [],
    {},
    [[]],
    [{}],
    [None],
    {"id": {}},
    "\ud800",
)


def spoilt(body: Any, chance: random.Random) -> Any:
    """The body with one value somewhere in it replaced by something else."""
    if isinstance(body, dict) and body and chance.random() < 0.8:
        name = chance.choice(sorted(body))
        return {**body, name: spoilt(body[name], chance)}
    if isinstance(body, list) and body and chance.random() < 0.8:
        return [spoilt(body[0], chance), *body[1:]]
    return chance.choice(WRONG)


def test_nothing_that_is_sent_makes_a_resource_fail(buyer: Any, market: SimpleNamespace) -> None:
    chance = random.Random(673)
    for number in NUMBERS:
        player = Player(number, buyer, market)
        for operation in operations(number):
            if operation.method not in ("POST", "PATCH") or refused_by_design(operation) or operation.resource == "hub":
                continue
            one = player.identifier(operation.resource) if "{" in operation.path else ""
            usual = (market.bodies if operation.method == "POST" else market.patches)[operation.resource]
            full = {**CONTRACTS[number].sample(operation), **usual}
            for _ in range(20):
                text = json.dumps(spoilt(full, chance))
                path = url(number, operation.resource, one)
                call = getattr(buyer, operation.method.lower())
                response = call(path, text, content_type="application/json")
                assert response.status_code < 500, (str(operation), text, response.content)
                CONTRACTS[number].check_response(operation, response)


@every_api
def test_every_operation_of_the_file_answers_as_it_says(number: str, buyer: Any, market: SimpleNamespace) -> None:
    contract = CONTRACTS[number]
    player = Player(number, buyer, market)
    for operation in sorted(operations(number), key=_turn):
        response = player.play(operation)
        if refused_by_design(operation):
            assert response.status_code == 405, str(operation)
            assert "Method" not in response.json()["reason"]
        else:
            assert 200 <= response.status_code < 300, (str(operation), response.content)
        contract.check_response(operation, response)
        if response.status_code == 201:
            assert response.headers["Location"].endswith(f"/{response.json()['id']}")


def test_the_bodies_of_these_tests_are_the_files_own(market: SimpleNamespace) -> None:
    for number in NUMBERS:
        for operation in operations(number):
            for method, bodies in (("POST", market.bodies), ("PATCH", market.patches)):
                if operation.method == method and operation.resource in bodies:
                    CONTRACTS[number].check_request(operation, bodies[operation.resource])


def test_a_body_with_every_attribute_of_the_file_is_taken(buyer: Any, market: SimpleNamespace) -> None:
    for number in NUMBERS:
        for operation in operations(number):
            if operation.method != "POST" or operation.resource in ("hub", *READ_ONLY):
                continue
            sample = CONTRACTS[number].sample(operation)
            CONTRACTS[number].check_request(operation, sample)
            usual = market.bodies[operation.resource]
            real = {name: usual[name] for name in ("relatedEntity", "validFor", "requestedTimeSlot") if name in usual}
            answer = buyer.post(url(number, operation.resource), {**sample, **real})
            assert answer.status_code == 201, (str(operation), answer.content)
            CONTRACTS[number].check_response(operation, answer)
            for name in ("description", "externalId", "note", "category", "provideAlternative"):
                if name in sample and name in CONTRACTS[number].names(_type(operation.resource)):
                    shown = answer.json().get(name)
                    assert shown is not None, (operation.resource, name)


def _type(resource: str) -> str:
    return resource[0].upper() + resource[1:]


@pytest.mark.parametrize("who", ["anonymous", "bob", "cara", "olga"])
def test_every_refusal_of_a_person_fits_the_file(shop: Any, market: SimpleNamespace, who: str) -> None:
    for number in NUMBERS:
        caller = shop.api(who)
        for operation in operations(number):
            path = url(number, operation.resource, "V999999" if "{" in operation.path else "")
            response = getattr(caller, operation.method.lower())(path, {} if operation.method != "GET" else None)
            expected = {"anonymous": (401,), "bob": (200, 403, 404, 405)}.get(who, (403,))
            assert response.status_code in expected, (str(operation), response.status_code)
            CONTRACTS[number].check_response(operation, response)


def test_what_is_not_there_and_what_cannot_be_read_fit_the_file(buyer: Any, market: SimpleNamespace) -> None:
    for number in NUMBERS:
        contract = CONTRACTS[number]
        wrong = (
            "[]", "{", '{"place": 3, "serviceQualificationItem": 5, "quoteItem": {}, "validFor": [], "callback": 5}',
            '{"quoteItem": [{"quantity": "many"}], "relatedEntity": [3], "searchCriteria": [], "place": [[]]}',
        )  # fmt: skip
        for operation in operations(number):
            resource = operation.resource
            if "{" in operation.path and not refused_by_design(operation):
                for identifier in ("nobody", "V0", "Q99999999999999999999"):
                    path = url(number, resource, identifier)
                    missing = getattr(buyer, operation.method.lower())(
                        path, {} if operation.method == "PATCH" else None
                    )
                    assert missing.status_code == 404, str(operation)
                    contract.check_response(operation, missing)
            if operation.method == "POST" and not refused_by_design(operation):
                for text in wrong:
                    refused = buyer.post(url(number, resource), text, content_type="application/json")
                    assert refused.status_code == 400, (str(operation), text, refused.content)
                    contract.check_response(operation, refused)


def test_methods_and_media_types_that_we_do_not_take_are_refused(buyer: Any, market: SimpleNamespace) -> None:
    for number in NUMBERS:
        for resource in RESOURCES[number]:
            path = url(number, resource)
            answers = [buyer.put(path, {}), buyer.get(path, HTTP_ACCEPT="application/xml")]
            assert [one.status_code for one in answers] == [405, 406]
            if resource not in READ_ONLY and resource != "geographicAddress":
                answers.append(buyer.post(path, "<a/>", content_type="text/xml"))
                assert answers[-1].status_code == 415
            for one in answers:
                assert one.json()["code"]
                assert one.json()["reason"]


def test_every_first_level_attribute_can_be_selected_and_filtered(buyer: Any, market: SimpleNamespace) -> None:
    for number in NUMBERS:
        player = Player(number, buyer, market)
        for resource in RESOURCES[number]:
            identifier = player.identifier(resource)
            path = url(number, resource)
            for name in CONTRACTS[number].names(_type(resource)):
                cut = buyer.get(path, {"fields": name})
                assert cut.status_code == 200, (resource, name, cut.content)
                assert all(set(row) <= {"id", "href", name} for row in cut.json())
                value = "2026-01-01T00:00:00Z" if name.endswith(("Date", "lastUpdate")) else "none such"
                assert buyer.get(path, {name: value}).json() == [], (resource, name)
            mine = buyer.get(path, {"id": identifier})
            assert [row["id"] for row in mine.json()] == [identifier]
            assert (mine.headers["X-Total-Count"], mine.headers["X-Result-Count"]) == ("1", "1")
            assert 'rel="self"' in mine.headers["Link"]
            assert set(buyer.get(url(number, resource, identifier), {"fields": "none"}).json()) == {"id", "href"}
            assert buyer.get(f"{path}/").json() == buyer.get(path).json()


def test_what_is_shown_is_found_again_by_its_own_values(buyer: Any, market: SimpleNamespace) -> None:
    for number in NUMBERS:
        player = Player(number, buyer, market)
        for resource in RESOURCES[number]:
            whole = buyer.get(url(number, resource, player.identifier(resource))).json()
            for name, value in whole.items():
                if isinstance(value, bool | str) and name not in ("href",) and not name.startswith("@"):
                    text = str(value).lower() if isinstance(value, bool) else f'"{value}"'
                    found = buyer.get(url(number, resource), {name: text, "limit": 500})
                    assert whole["id"] in [row["id"] for row in found.json()], (resource, name, value)


def test_nobody_reads_or_changes_what_another_provider_asked(shop: Any, buyer: Any, market: SimpleNamespace) -> None:
    for number in NUMBERS:
        charlie = shop.api("charlie")
        player = Player(number, buyer, market)
        for resource in RESOURCES[number]:
            if resource in ("geographicAddress", "category", "productSpecification", "productOffering"):
                continue  # the same for every provider
            if resource == "productOfferingPrice":
                continue  # see test_marketplace
            identifier = player.identifier(resource)
            assert identifier not in [row["id"] for row in charlie.get(url(number, resource)).json()]
            for method in ("get", "patch", "delete"):
                status = getattr(charlie, method)(url(number, resource, identifier)).status_code
                assert status in (404, 405), (resource, method, status)


def test_every_event_that_the_hub_offers_is_one_of_the_file() -> None:
    for number in NUMBERS:
        contract = CONTRACTS[number]
        known = events_of(contract.api, "v4")
        assert set(known) <= set(contract.events())
        wanted = {_type(resource) for resource in RESOURCES[number]}
        of_ours = [name for name in contract.events() if any(name.startswith(f"{word}") for word in wanted)]
        assert set(of_ours) <= set(known)


def changes(name: str, words: str = "Create StateChange AttributeValueChange Delete") -> set[str]:
    """Types of the events of a resource."""
    return {f"{name}{word}Event" for word in words.split()}


TOLD = {
    "673": changes("GeographicAddressValidation", "StateChange"),
    "679": changes("ProductOfferingQualification"),
    "645": changes("CheckServiceQualification") | changes("QueryServiceQualification", "Create StateChange Delete"),
    "648": changes("Quote"),
    "646": changes("SearchTimeSlot") | changes("Appointment", "Create StateChange"),
}


def test_what_a_buyer_asks_is_told_as_the_file_says(buyer: Any, market: SimpleNamespace) -> None:
    for number in TOLD:
        buyer.post(url(number, "hub"), {"callback": "http://127.0.0.1:9/told"})
        player = Player(number, buyer, market)
        for operation in sorted(operations(number), key=_turn):
            if operation.resource != "hub":
                player.play(operation)
                run_events()
    assert {number: judged(CONTRACTS[number]) for number in TOLD} == TOLD


def judged(contract: Contract, once: bool = True) -> set[str]:
    """The types of the notifications that wait; each fits the file, and (`once`: of one subscriber) is told once."""
    rows = list(Notification.objects.filter(subscription__api=contract.api).order_by("pk"))
    for row in rows:
        contract.check_event(row.body)
        assert delivery.address(row).endswith(f"/listener/{row.event_type[0].lower()}{row.event_type[1:]}")
    assert not once or len({row.event_id for row in rows}) == len(rows)
    return {row.event_type for row in rows}


def test_the_inventory_and_the_catalogue_tell_what_orders_and_agreements_make_of_them(
    shop: Any, buyer: Any, order_for: Any
) -> None:
    for number in ("637", "620"):
        buyer.post(url(number, "hub"), {"callback": "http://127.0.0.1:9/told"})
    scene(shop, order_for)
    agreement = Agreement.objects.get(organisation=shop.brightwave, operator=shop.north)
    suspend(actor=shop.alice, agreement=agreement, why="test", at=now())
    run_events()
    assert judged(CONTRACTS["637"]) == {"ProductCreateEvent"}
    assert judged(CONTRACTS["620"]) == {"ProductOfferingAttributeValueChangeEvent"}


def test_an_appointment_is_valid_in_every_state(buyer: Any, market: SimpleNamespace, shop: Any) -> None:
    contract, operation = CONTRACTS["646"], Operation("GET", "/appointment/{id}")
    made = buyer.post(url("646", "appointment"), market.bodies["appointment"]).json()
    row = Appointment.objects.get(pk=int(made["id"][1:]))
    confirm_appointment(actor=shop.alice, at=now(), appointment=row)
    seen = set()
    for state in Appointment.State.values:
        Appointment.objects.filter(pk=row.pk).update(state=state)
        answer = buyer.get(url("646", "appointment", made["id"]))
        contract.check_response(operation, answer)
        seen.add(answer.json()["status"])
    assert seen == {"initialized", "confirmed", "completed", "failed", "cancelled"}
    assert Order.objects.filter(pk=market.order.pk).exists()
