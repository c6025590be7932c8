from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.process import Running
from tests.sandbox.conftest import order_body, place, read, until, wait_for

DELAYED = {"northfibre": "held", "southlink": "inProgress", "eastwave": "held"}
WAITS_FOR_CUSTOMER = {"northfibre": "pending", "southlink": "held", "eastwave": "pending"}
COMMITTED = {
    "northfibre": "committedDate",
    "southlink": "firmOrderCommitmentDate",
    "eastwave": "customerCommittedDate",
}
KCI = {
    "northfibre": ("code", ["KCI1", "KCI2", "VISIT", "TESTED", "KCI3"]),
    "southlink": (
        "name",
        [
            "Order accepted",
            "Firm order commitment",
            "Engineer on site",
            "Fitted and tested",
            "Order closed",
        ],
    ),
    "eastwave": ("code", ["ACK", "CCD", "ONSITE", "LIGHT", "LIVE"]),
}
TMF = ("northfibre", "southlink", "eastwave")


def _history(running: Running, partner: str, key: str) -> list[dict[str, Any]]:
    return running.orders(partner, external_id=key)[0]["history"]


def _delays(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return shown.get("delay") or shown.get("jeopardy") or []


@pytest.mark.parametrize("partner", TMF)
def test_a_delayed_order_is_committed_delayed_with_a_reason_resumed_and_completed(
    running: Running, partner: str
) -> None:
    order = place(running, partner, "delayed", "delay")
    shown = until(running, partner, order["id"], "completed")
    updates = [entry["update"] for entry in _history(running, partner, "delayed")]
    assert updates == [
        "received",
        "acknowledged",
        "update",
        "committed",
        "delay",
        "resumed",
        "update",
        "update",
        "completed",
    ]
    name, words = KCI[partner]
    told = sorted(shown["milestone"], key=lambda entry: entry["sequence"])
    assert [entry[name] for entry in told] == words
    delay = _delays(shown)[0]
    assert delay["reasonCode"]
    assert delay["until"] > delay["since"]
    assert shown["expectedCompletionDate"] > shown[COMMITTED[partner]]
    states = [entry["state"] for entry in sorted(shown["stateChange"], key=lambda e: e["sequence"])]
    assert (DELAYED[partner] in states) is True
    assert ("held" in states) is (DELAYED[partner] == "held")
    assert shown["completionDate"]


def test_southlink_tells_its_milestones_out_of_order(running: Running) -> None:
    orders = [place(running, "southlink", f"disorder-{number}") for number in range(3)]
    shown = [until(running, "southlink", order["id"], "completed") for order in orders]
    told = [[entry["sequence"] for entry in order["milestone"]] for order in shown]
    assert any(sequences != sorted(sequences) for sequences in told)
    assert all("code" not in entry for order in shown for entry in order["milestone"])


@pytest.mark.parametrize("partner", TMF)
def test_an_order_that_waits_for_the_customer_says_so_in_the_partners_own_word(running: Running, partner: str) -> None:
    order = place(running, partner, "held", "held_customer")
    shown = until(running, partner, order["id"], "completed")
    waits = [e for e in _history(running, partner, "held") if e["update"] == "information_required"]
    assert [entry["state"] for entry in waits] == [WAITS_FOR_CUSTOMER[partner]]
    assert waits[0]["reason"] in ("CUSTOMER_NOT_READY", "NO_ACCESS", "CUSTOMER_UNCONTACTABLE")
    assert "until" in _delays(shown)[0]


def test_a_missed_appointment_gets_a_new_one(running: Running) -> None:
    order = place(running, "northfibre", "missed", "appointment_missed")
    shown = until(running, "northfibre", order["id"], "completed")
    updates = [entry["update"] for entry in _history(running, "northfibre", "missed")]
    assert updates[4:7] == ["delay", "reappointed", "resumed"]
    assert shown["delay"][0]["reasonCode"] == "UNABLE_TO_ATTEND"
    assert (shown["appointment"]["id"], shown["appointment"]["status"]) == ("2", "completed")


def test_a_rejected_order_never_gets_kci1_and_says_why(running: Running) -> None:
    order = place(running, "northfibre", "no", "rejected")
    shown = until(running, "northfibre", order["id"], "rejected")
    assert shown["milestone"] == []
    assert shown["updateType"] == "TERMINATED"
    assert shown["stateChange"][-1]["changeReason"].startswith("INVALID_REQUEST: ")


def test_a_silent_order_says_nothing_after_kci1(running: Running) -> None:
    order = place(running, "northfibre", "silent", "silence")
    other = place(running, "northfibre", "silent-neighbour", "clean")
    until(running, "northfibre", other["id"], "completed")
    shown = read(running, "northfibre", order["id"])
    assert (shown["state"], shown["sequence"]) == ("acknowledged", 2)


def test_an_unknown_reason_is_in_no_list(running: Running) -> None:
    order = place(running, "eastwave", "odd", "unknown_code")
    shown = until(running, "eastwave", order["id"], "completed")
    assert shown["jeopardy"][0]["reasonCode"] == "ZZ99"


@pytest.fixture
def slow_north(running: Running) -> Iterator[None]:
    """Time for us to answer before the partner's clock runs out."""
    running.control("clock", {"partner": "northfibre", "factor": 0.25})
    yield
    running.control("clock", {"partner": "northfibre", "factor": 1})


def _charged(running: Running, key: str) -> dict[str, Any]:
    order = place(running, "northfibre", key, "excess_charge")
    return until(running, "northfibre", order["id"], "pending")


def _consent(running: Running, order: dict[str, Any], body: dict[str, Any]) -> Any:
    return running.api("northfibre", "PATCH", f"/productOrder/{order['id']}", json=body)


@pytest.mark.usefixtures("slow_north")
@pytest.mark.parametrize(
    "body",
    [
        {"charge": [{"id": "1", "response": "accepted"}]},
        {"note": [{"author": "Alice Invented", "text": "We agree: charge accept"}]},
    ],
)
def test_a_charge_that_we_accept_lets_the_work_go_on(running: Running, body: dict[str, Any]) -> None:
    order = _charged(running, f"charge-{next(iter(body))}")
    assert order["charge"][0]["status"] == "awaitingResponse"
    assert _consent(running, order, body).json()["charge"][0]["status"] == "completed"
    shown = until(running, "northfibre", order["id"], "completed")
    codes = [entry["code"] for entry in shown["milestone"]]
    assert codes[:4] == ["KCI1", "ECC_RAISED", "ECC_ACCEPTED", "KCI2"]


@pytest.mark.usefixtures("slow_north")
def test_a_charge_that_we_decline_ends_the_order(running: Running) -> None:
    order = _charged(running, "declined")
    shown = _consent(running, order, {"charge": [{"id": "1", "response": "declined"}]}).json()
    assert (shown["state"], shown["charge"][0]["status"]) == ("cancelled", "declined")


def test_a_charge_that_nobody_answers_times_out_and_ends_the_order(running: Running) -> None:
    order = _charged(running, "unanswered")
    shown = until(running, "northfibre", order["id"], "cancelled")
    assert shown["charge"][0]["status"] == "timeout"
    late = _consent(running, order, {"charge": [{"id": "1", "response": "accepted"}]})
    assert late.status_code == 409


def test_without_a_marker_the_scenarios_follow_the_weights_and_the_seed(running: Running) -> None:
    running.control("weights", {"partner": "eastwave", "weights": {"rejected": 1}})
    body = {**order_body("drawn"), "description": "no marker"}
    order = running.api("eastwave", "POST", "/productOrder", json=body).json()
    running.control("weights", {"partner": "eastwave", "weights": {}})
    until(running, "eastwave", order["id"], "rejected")
    running.control("weights", {"partner": "northfibre", "weights": {"clean": 1, "delay": 1, "silence": 1}})
    kinds = []
    for number in range(12):
        for _ in range(2):
            running.api("northfibre", "POST", "/productOrder", json={**body, "externalId": f"random-{number}"})
        kinds.append([o["scenario"] for o in running.orders("northfibre", external_id=f"random-{number}")])
    running.control("weights", {"partner": "northfibre", "weights": {}})
    assert all(one == other for one, other in kinds)
    assert {one for one, _ in kinds} == {"clean", "delay", "silence"}


@pytest.mark.parametrize("where", ["note", "characteristic"])
def test_the_marker_may_stand_in_a_note_or_a_characteristic(running: Running, where: str) -> None:
    body = {**order_body(f"marked-{where}"), "description": ""}
    if where == "note":
        body["note"] = [{"text": "please [scenario:silence]"}]
    else:
        trait = {"name": "scenario", "value": "silence"}
        body["productOrderItem"][0]["product"]["productCharacteristic"] = [trait]
    running.api("northfibre", "POST", "/productOrder", json=body)
    assert running.orders("northfibre", external_id=f"marked-{where}")[0]["scenario"] == "silence"


def test_a_promise_is_a_real_working_day_in_the_future(running: Running) -> None:
    order = place(running, "northfibre", "promise")
    shown = until(running, "northfibre", order["id"], "completed")
    promised = datetime.fromisoformat(shown["committedDate"])
    assert promised.weekday() < 5
    assert 12 <= (promised.date() - datetime.now(UTC).date()).days <= 16


def _amend(running: Running, partner: str, order_id: str, date: str) -> Any:
    body = {"requestedCompletionDate": date}
    return running.api(partner, "PATCH", f"/productOrder/{order_id}", json=body)


def _committed(running: Running, partner: str, order_id: str) -> dict[str, Any]:
    return wait_for(lambda: (s := read(running, partner, order_id)).get(COMMITTED[partner]) and s)


@pytest.mark.usefixtures("slow_north")
def test_northfibre_moves_the_date_at_once(running: Running) -> None:
    order = place(running, "northfibre", "amended")
    _committed(running, "northfibre", order["id"])
    shown = _amend(running, "northfibre", order["id"], "2099-01-05T00:00:00Z").json()
    assert shown["requestedCompletionDate"] == "2099-01-05T00:00:00Z"
    assert shown["committedDate"] == "2099-01-05T17:00:00Z"
    assert shown["amendment"][0]["state"] == "accepted"
    assert shown["updateType"] == "AMENDED"


def test_eastwave_thinks_about_a_new_date_first(running: Running) -> None:
    order = place(running, "eastwave", "amended", "silence")
    shown = _amend(running, "eastwave", order["id"], "2099-01-05T00:00:00Z").json()
    assert shown.get("requestedCompletionDate") is None
    assert shown["amendment"][0]["state"] == "assessing"
    wait_for(lambda: read(running, "eastwave", order["id"])["amendment"][0]["state"] == "accepted")
    assert read(running, "eastwave", order["id"])["requestedCompletionDate"] == "2099-01-05T00:00:00Z"


@pytest.mark.usefixtures("slow_north")
def test_a_date_before_the_committed_one_and_a_date_after_the_visit_are_refused(running: Running) -> None:
    order = place(running, "northfibre", "refused")
    _committed(running, "northfibre", order["id"])
    early = _amend(running, "northfibre", order["id"], "2020-01-06T00:00:00Z")
    assert (early.status_code, early.json()["code"]) == (409, "DATE_BEFORE_COMMITTED")
    running.control("clock", {"partner": "northfibre", "factor": 1})
    until(running, "northfibre", order["id"], "completed")
    late = _amend(running, "northfibre", order["id"], "2099-01-06T00:00:00Z")
    assert (late.status_code, late.json()["code"]) == (409, "ORDER_ENDED")


def _cancel(running: Running, partner: str, order_id: str) -> Any:
    return running.api(partner, "POST", "/cancelProductOrder", json={"productOrder": {"id": order_id}})


def _task(running: Running, partner: str, task_id: str, state: str) -> dict[str, Any]:
    def find() -> dict[str, Any] | None:
        shown = running.api(partner, "GET", f"/cancelProductOrder/{task_id}").json()
        return shown if shown["state"] == state else None

    return wait_for(find)


@pytest.mark.parametrize("partner", TMF)
def test_a_cancel_is_weighed_accepted_and_done(running: Running, partner: str) -> None:
    order = place(running, partner, "cancelled", "silence")
    answer = _cancel(running, partner, order["id"])
    assert answer.status_code == 201
    assert answer.json()["state"] == "acknowledged"
    task = _task(running, partner, answer.json()["id"], "done")
    assert task["effectiveCancellationDate"]
    shown = read(running, partner, order["id"])
    assert shown["state"] == "cancelled"
    states = [e["state"] for e in _history(running, partner, "cancelled")]
    assert states[-3:] == ["assessingCancellation", "pendingCancellation", "cancelled"]
    assert _cancel(running, partner, order["id"]).status_code == 409


def test_a_cancel_after_the_visit_began_is_refused_and_the_order_completes(running: Running) -> None:
    running.control("clock", {"partner": "northfibre", "factor": 0.2})
    order = place(running, "northfibre", "too-late", "clean")
    wait_for(lambda: "VISIT" in [m.get("code") for m in read(running, "northfibre", order["id"])["milestone"]])
    task = _cancel(running, "northfibre", order["id"]).json()
    running.control("clock", {"partner": "northfibre", "factor": 1})
    ended = _task(running, "northfibre", task["id"], "terminatedWithError")
    assert ended["refusalReason"].startswith(("PONR_PASSED", "ORDER_ENDED"))
    until(running, "northfibre", order["id"], "completed")


def test_a_cancel_that_names_no_order_of_theirs_gets_400(running: Running) -> None:
    assert _cancel(running, "northfibre", "nobody").status_code == 400
    answer = running.api("northfibre", "POST", "/cancelProductOrder", json={"productOrder": "1"})
    assert "productOrder" in answer.json()["message"]
