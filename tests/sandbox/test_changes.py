"""The appointment book of a simulated partner, ceases and charges that are refused once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.process import Running
from tests.sandbox.conftest import order_body, place, read, until, wait_for

BOOK = "tmf-api/appointment/v4"


@pytest.fixture(autouse=True)
def plain_book(running: Running) -> None:
    running.control("appointments", {})


def book(running: Running, method: str, path: str, partner: str = "northfibre", **options: Any) -> Any:
    headers = {"Authorization": f"Bearer {running.config.partner(partner).token}"}
    return running.http.request(
        method, f"{running.url}/{partner}/{BOOK}/{path}", headers=headers, timeout=10, **options
    )


def search(running: Running, order_id: str = "", partner: str = "northfibre") -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    period = {"startDateTime": now.isoformat(), "endDateTime": (now + timedelta(days=30)).isoformat()}
    body: dict[str, Any] = {"requestedTimeSlot": [{"validFor": period}]}
    if order_id:
        body["relatedEntity"] = [{"id": order_id, "role": "order", "@referredType": "ProductOrder"}]
    answer = book(running, "POST", "searchTimeSlot", partner, json=body)
    assert answer.status_code == 201
    return [slot["validFor"] for slot in answer.json()["availableTimeSlot"]]


def reserve(running: Running, slot: dict[str, str], order_id: str = "", key: str = "V1") -> Any:
    entity = [{"id": order_id, "role": "order", "@referredType": "ProductOrder"}] if order_id else []
    body = {"externalId": key, "validFor": slot, "relatedEntity": entity}
    return book(running, "POST", "appointment", json=body)


def test_a_slot_holds_only_so_many_and_is_free_again_when_given_back(running: Running) -> None:
    slot = search(running)[-1]
    taken = []
    while (answer := reserve(running, slot)).status_code == 201:
        taken.append(answer.json())
    assert answer.json()["code"] == "SLOT_TAKEN"
    assert 1 <= len(taken) <= 3
    assert slot not in search(running)
    gone = book(running, "PATCH", f"appointment/{taken[0]['id']}", json={"validFor": slot, "status": "cancelled"})
    assert gone.json()["status"] == "cancelled"
    assert slot in search(running)


def test_a_reservation_lapses_and_cannot_be_confirmed_then(running: Running) -> None:
    running.control("appointments", {"reservation_seconds": 0.2})
    slot = search(running)[0]
    made = reserve(running, slot, key="lapses").json()
    assert made["reservedUntil"]
    assert wait_for(lambda: book(running, "GET", f"appointment/{made['id']}").json()["status"] == "cancelled")
    late = book(running, "PATCH", f"appointment/{made['id']}", json={"validFor": slot, "status": "confirmed"})
    assert (late.status_code, late.json()["code"]) == (409, "APPT_EXPIRED")
    assert [row["id"] for row in book(running, "GET", "appointment?externalId=lapses").json()] == [made["id"]]


def test_the_commitment_takes_the_booked_slot_and_confirms_it(running: Running) -> None:
    order = place(running, "northfibre", "books", "clean")
    slot = search(running, order["id"])[2]
    made = reserve(running, slot, order["id"], "books-V1").json()
    shown = until(running, "northfibre", order["id"], "completed")
    assert shown["appointment"]["start"] == slot["startDateTime"]
    assert shown["committedDate"][:10] == slot["startDateTime"][:10]
    assert book(running, "GET", f"appointment/{made['id']}").json()["status"] == "completed"


def test_the_book_refuses_nonsense_with_a_reason(running: Running) -> None:
    slot = search(running)[0]
    past = {"startDateTime": "2020-01-06T08:00:00Z", "endDateTime": "2020-01-06T13:00:00Z"}
    odd = {**slot, "endDateTime": slot["startDateTime"]}
    assert [reserve(running, one).json()["code"] for one in (past, odd)] == ["TOO_SOON", "NO_SUCH_SLOT"]
    assert book(running, "POST", "appointment", json={}).status_code == 400
    assert book(running, "GET", "appointment/99999").status_code == 404
    assert book(running, "DELETE", "appointment/1").status_code == 404


def consent(running: Running, order: dict[str, Any]) -> int:
    body = {"charge": [{"id": "1", "response": "accepted"}]}
    return running.api("northfibre", "PATCH", f"/productOrder/{order['id']}", json=body).status_code


def test_the_first_consent_is_not_taken_and_the_second_is(running: Running) -> None:
    order = place(running, "northfibre", "consents", "charge_refused_once")
    until(running, "northfibre", order["id"], "pending")
    assert [consent(running, order), consent(running, order)] == [409, 200]
    assert read(running, "northfibre", order["id"])["charge"][0]["status"] == "completed"


def cease(running: Running, key: str, product: str, scenario: str) -> dict[str, Any]:
    item = {"id": "1", "action": "delete", "product": {"id": product}}
    body = {**order_body(key, scenario), "productOrderItem": [item]}
    return running.api("northfibre", "POST", "/productOrder", json=body).json()


def test_the_first_cease_of_a_service_is_rejected_and_the_next_goes_through(running: Running) -> None:
    first = cease(running, "cease-1", "77", "cease_refused_once")
    assert until(running, "northfibre", first["id"], "rejected")
    second = cease(running, "cease-2", "77", "cease_refused_once")
    assert until(running, "northfibre", second["id"], "completed")


def test_a_partner_ceases_a_service_by_itself(running: Running) -> None:
    order = place(running, "northfibre", "its-own", "unsolicited_cease")
    until(running, "northfibre", order["id"], "completed")

    def own() -> list[dict[str, Any]]:
        shown = running.api("northfibre", "GET", "/productOrder?limit=100").json()
        return [row for row in shown if row["productOrderItem"][0].get("product", {}).get("id") == order["id"]]

    made = wait_for(own)[0]
    assert "externalId" not in made
    assert until(running, "northfibre", made["id"], "completed")


def test_a_cancel_that_costs_waits_for_consent(running: Running) -> None:
    order = place(running, "northfibre", "costs", "cancel_charge")
    wait_for(lambda: read(running, "northfibre", order["id"]).get("committedDate"))
    task = {"productOrder": {"id": order["id"]}, "cancellationReason": "moved"}
    running.api("northfibre", "POST", "/cancelProductOrder", json=task)
    raised = wait_for(lambda: read(running, "northfibre", order["id"]).get("charge"))
    assert (raised[0]["type"], raised[0]["status"]) == ("cancellation", "awaitingResponse")
    assert consent(running, order) == 200
    assert until(running, "northfibre", order["id"], "cancelled")
