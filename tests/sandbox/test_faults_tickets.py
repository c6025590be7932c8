"""The simulated partners take faults: demands, scenarios, news, re-opening (docs/sandbox.md, Faults)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.process import Running
from tests.sandbox.conftest import Listener, wait_for

CHARACTERISTICS = {
    "northfibre": ("SERVICE_HAS_WORKED", "CPE_CHECKED", "SYNC_LIGHT", "24HR_ACCESS"),
    "southlink": ("SERVICE_HAS_WORKED", "CPE_POWER", "REPEAT_PROBLEM"),
    "eastwave": ("SERVICE_HAS_WORKED", "ONT_POWER", "USAGE_CHANGES"),
}
SEVERITY = {"northfibre": "Major", "southlink": "S2", "eastwave": "significant"}


def broken(running: Running, partner: str, service: str, code: str = "ONT_NO_LIGHT") -> None:
    """Break a line."""
    running.control("line", {"partner": partner, "service": service, "code": code})


def probe(running: Running, partner: str, service: str, sort: str = "line", **more: Any) -> dict[str, Any]:
    """Test a line; the finished test."""
    body = {"name": "Line test", "relatedService": {"id": service}, "testSpecification": {"id": sort}, **more}
    made = running.care(partner, "tmf653", "POST", "/serviceTest", json=body)
    assert made.status_code == 201, made.text

    def done() -> dict[str, Any] | None:
        shown = running.care(partner, "tmf653", "GET", f"/serviceTest/{made.json()['id']}").json()
        return shown if shown["state"] in ("completed", "failed", "cancelled") else None

    return wait_for(done)


def result(test: dict[str, Any]) -> dict[str, Any]:
    """What a test found, by name."""
    return {row["name"]: row["value"] for row in test["characteristic"]}


def body(partner: str, key: str, scenario: str, service: str = "", **more: Any) -> dict[str, Any]:
    """A ticket that asks for a scenario."""
    related = [{"id": service, "role": "service", "@referredType": "Service"}] if service else []
    return {
        "externalId": key,
        "description": f"No light since this morning [scenario:{scenario}]",
        "severity": SEVERITY[partner],
        "ticketType": "fault",
        "relatedEntity": related,
        "characteristic": [{"name": name, "value": "yes"} for name in CHARACTERISTICS[partner]],
        **more,
    }


def raise_ticket(running: Running, partner: str, key: str, scenario: str, service: str = "") -> dict[str, Any]:
    """Raise a ticket; the partner's answer."""
    answer = running.care(partner, "tmf621", "POST", "/troubleTicket", json=body(partner, key, scenario, service))
    assert answer.status_code == 201, answer.text
    return answer.json()


def patch(running: Running, partner: str, ident: str, change: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """Change a ticket."""
    answer = running.care(partner, "tmf621", "PATCH", f"/troubleTicket/{ident}", json=change)
    assert answer.status_code == status, answer.text
    return answer.json()


def until(running: Running, partner: str, ident: str, status: str) -> dict[str, Any]:
    """The ticket once it is in that status."""

    def find() -> dict[str, Any] | None:
        shown = running.care(partner, "tmf621", "GET", f"/troubleTicket/{ident}").json()
        return shown if shown["status"] == status else None

    return wait_for(find)


def test_a_red_line_is_raised_repaired_tested_green_and_closed(running: Running) -> None:
    broken(running, "northfibre", "11")
    found = probe(running, "northfibre", "11", externalId="T-11")
    assert (result(found)["colour"], result(found)["code"], result(found)["stalePort"]) == ("RED", "ONT_NO_LIGHT", True)
    port = next(row for row in found["testMeasure"] if row["metricName"] == "uniPortState")
    assert port["captureDateTime"] < found["startDateTime"], "port data of a dead terminal is old"
    ticket = raise_ticket(running, "northfibre", "TT-11", "clean", "11")
    assert ticket["status"] == "acknowledged"
    assert ticket["simulated"]
    resolved = until(running, "northfibre", ticket["id"], "resolved")
    assert resolved["resolution"]["code"] in ("FIXED_NETWORK", "ONT_REPLACED")
    assert result(probe(running, "northfibre", "11"))["colour"] == "GREEN"
    assert patch(running, "northfibre", ticket["id"], {"status": "closed"})["status"] == "closed"
    assert [row["status"] for row in resolved["statusChange"]] == ["acknowledged", "inProgress", "resolved"]
    assert patch(running, "northfibre", ticket["id"], {"note": [{"text": "late"}]}, 409)["code"] == "TICKET_ENDED"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"description": None}, "description is required"),
        ({"severity": "S1"}, "severity must be one of Critical"),
        ({"characteristic": []}, "characteristic.SERVICE_HAS_WORKED is required"),
        ({"description": "x" * 1001}, "description may have 1000"),
        ({"note": [{}]}, "note[0].text is required"),
        ({"relatedEntity": "12"}, "relatedEntity must be a list"),
        ({}, "relatedEntity (ServiceTest): a completed test of service 12 is required"),
    ],
)
def test_what_breaks_a_rule_is_named(running: Running, change: dict[str, Any], named: str) -> None:
    sent = body("northfibre", "TT-bad", "clean", "12", **change)
    answer = running.care("northfibre", "tmf621", "POST", "/troubleTicket", json=sent)
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_a_green_line_is_refused_unless_overridden_and_a_known_incident_always(running: Running) -> None:
    running.control("line", {"partner": "eastwave", "service": "13", "colour": "green"})
    probe(running, "eastwave", "13")
    sent = body("eastwave", "TT-13", "right_when_tested", "13")
    refused = running.care("eastwave", "tmf621", "POST", "/troubleTicket", json=sent)
    assert refused.status_code == 400
    assert "GREEN" in refused.json()["message"]
    sent["characteristic"].append({"name": "OVERRIDE_REASON", "value": "drops at night"})
    taken = running.care("eastwave", "tmf621", "POST", "/troubleTicket", json=sent)
    assert taken.status_code == 201
    assert until(running, "eastwave", taken.json()["id"], "resolved")["resolution"] == {
        "code": "RWT", "cause": "No fault found", "text": "Right when tested; no work was done", "chargeable": True,
    }  # fmt: skip
    outage = running.control("outage", {"partner": "eastwave", "sectors": ["CB1 2"], "services": ["14"]})["result"]
    assert result(probe(running, "eastwave", "14"))["problem"] == outage["id"]
    barred = running.care("eastwave", "tmf621", "POST", "/troubleTicket", json=body("eastwave", "T", "clean", "14"))
    assert barred.status_code == 409
    assert outage["id"] in barred.json()["message"]


def test_a_question_waits_for_a_note_of_ours_whose_echo_keeps_its_id(running: Running) -> None:
    ticket = raise_ticket(running, "northfibre", "TT-q", "question")
    asked = until(running, "northfibre", ticket["id"], "pending")
    assert asked["note"][-1]["informationRequired"]
    assert asked["note"][-1]["author"] == "Northfibre (simulated)"
    answer = {"note": [{"id": "our-7", "author": "Alice", "text": "The light is red"}]}
    for _ in range(2):
        answered = patch(running, "northfibre", ticket["id"], answer)
    assert [note["id"] for note in answered["note"]].count("our-7") == 1
    until(running, "northfibre", ticket["id"], "resolved")


def test_the_same_wait_has_other_words_elsewhere(running: Running) -> None:
    south = raise_ticket(running, "southlink", "TT-s", "question")
    assert south["id"].startswith("SLF-2026-")
    east = raise_ticket(running, "eastwave", "TT-e", "question")
    assert until(running, "southlink", south["id"], "held")["statusChangeReason"].startswith("1R")
    assert until(running, "eastwave", east["id"], "pending")


def test_what_was_not_repaired_is_re_opened(running: Running) -> None:
    broken(running, "eastwave", "15")
    probe(running, "eastwave", "15")
    ticket = raise_ticket(running, "eastwave", "TT-15", "reopened", "15")
    until(running, "eastwave", ticket["id"], "resolved")
    assert result(probe(running, "eastwave", "15"))["colour"] == "RED"
    again = patch(running, "eastwave", ticket["id"], {"status": "inProgress", "statusChangeReason": "still dark"})
    assert again["status"] == "reopened"
    assert "resolution" not in again
    until(running, "eastwave", ticket["id"], "resolved")
    assert result(probe(running, "eastwave", "15"))["colour"] == "GREEN"


def test_a_cancel_is_weighed_at_one_partner_and_too_late_once_resolved(running: Running) -> None:
    ticket = raise_ticket(running, "eastwave", "TT-c", "silence")
    assert patch(running, "eastwave", ticket["id"], {"status": "cancelled"})["status"] == "assessingCancellation"
    until(running, "eastwave", ticket["id"], "cancelled")
    late = raise_ticket(running, "northfibre", "TT-c2", "clean")
    assert patch(running, "northfibre", late["id"], {"status": "closed"}, 409)["code"] == "NOT_RESOLVED"
    until(running, "northfibre", late["id"], "resolved")
    assert patch(running, "northfibre", late["id"], {"status": "cancelled"}, 409)["code"] == "ALREADY_RESOLVED"


def test_held_incident_report_and_rejection_are_told(running: Running) -> None:
    held = raise_ticket(running, "northfibre", "TT-h", "held")
    strange = raise_ticket(running, "southlink", "TT-u", "unknown_code")
    incident = raise_ticket(running, "northfibre", "TT-i", "known_incident")
    report = raise_ticket(running, "northfibre", "TT-r", "report")
    refused = raise_ticket(running, "northfibre", "TT-x", "rejected")
    changes = until(running, "northfibre", held["id"], "resolved")["statusChange"]
    assert any(row["status"] == "held" and ": " in row["changeReason"] for row in changes)
    assert until(running, "northfibre", refused["id"], "rejected")["statusChangeReason"].startswith("INVALID_REQUEST")
    parent = until(running, "northfibre", incident["id"], "resolved")["relatedEntity"][-1]
    assert parent["@referredType"] == "ServiceProblem"
    assert until(running, "northfibre", report["id"], "resolved")["attachment"][0]["name"] == "light-levels.txt"
    assert until(running, "northfibre", incident["id"], "resolved")["resolution"]["code"] == "INCIDENT_CLEARED"
    problem = running.care("northfibre", "tmf656", "GET", f"/serviceProblem/{parent['id']}").json()
    assert problem["status"] == "resolved"
    done = until(running, "southlink", strange["id"], "resolved")
    assert any(row["changeReason"].startswith("9Z") for row in done["statusChange"])


def test_a_resolved_ticket_closes_by_itself_when_nobody_speaks(running: Running) -> None:
    running.control("care", {"partner": "northfibre", "autoclose_seconds": 0.1})
    ticket = raise_ticket(running, "northfibre", "TT-auto", "clean")
    until(running, "northfibre", ticket["id"], "closed")
    running.control("care", {"partner": "northfibre", "autoclose_seconds": 900})


def test_news_is_signed_in_order_and_says_what_must_be_answered(running: Running, listener: Listener) -> None:
    hub = {"callback": listener.url}
    made = running.care("northfibre", "tmf621", "POST", "/hub", json=hub)
    assert made.status_code == 201
    assert running.care("northfibre", "tmf621", "POST", "/hub", json=hub).status_code == 409
    assert running.care("southlink", "tmf621", "POST", "/hub", json=hub).status_code == 501
    ticket = raise_ticket(running, "northfibre", "TT-n", "question")
    until(running, "northfibre", ticket["id"], "pending")
    wait_for(lambda: len(listener.received) >= 4)
    told = [json.loads(raw) for _, _, raw in listener.received]
    assert [row["eventType"].removeprefix("TroubleTicket") for row in told] == [
        "CreateEvent", "StatusChangeEvent", "StatusChangeEvent", "InformationRequiredEvent",
    ]  # fmt: skip
    assert [row["event"]["troubleTicket"]["sequence"] for row in told] == sorted(
        row["event"]["troubleTicket"]["sequence"] for row in told
    )
    assert len({row["eventId"] for row in told}) == 4
    assert told[0]["eventId"].startswith("tt-")
    assert running.care("northfibre", "tmf621", "DELETE", f"/hub/{made.json()['id']}").status_code == 204


def test_a_poller_finds_by_key_and_by_change(running: Running) -> None:
    ticket = raise_ticket(running, "southlink", "TT-poll", "silence")
    found = running.care("southlink", "tmf621", "GET", "/troubleTicket", params={"externalId": "TT-poll"})
    assert [row["id"] for row in found.json()] == [ticket["id"]]
    assert found.headers["X-Total-Count"] == "1"
    since = {"lastUpdate.gt": ticket["lastUpdate"], "fields": "status"}
    assert ticket["id"] not in [row["id"] for row in running.care(
        "southlink", "tmf621", "GET", "/troubleTicket", params=since).json()]  # fmt: skip
    patch(running, "southlink", ticket["id"], {"note": [{"text": "any news?"}]})
    later = running.care("southlink", "tmf621", "GET", "/troubleTicket", params=since).json()
    assert ticket["id"] in [row["id"] for row in later]
    assert set(later[0]) == {"id", "href", "status"}


def test_bad_manners_leave_what_they_say(running: Running) -> None:
    sent = body("northfibre", "TT-5xx", "error_5xx")
    answers = [running.care("northfibre", "tmf621", "POST", "/troubleTicket", json=sent) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 201]
    web = running.care("northfibre", "tmf621", "POST", "/troubleTicket", json=body("northfibre", "TT-web", "html_200"))
    assert web.status_code == 200
    assert web.text.startswith("<!doctype")
    assert len(running.cases("northfibre", external_id="TT-web")) == 1
    assert len(running.cases("northfibre", external_id="TT-5xx")) == 1


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b'{"description": 7}', b"\xff", b"[" * 2000, b'{"note": 3}'])
@pytest.mark.parametrize(
    "where", [("tmf621", "/troubleTicket"), ("tmf653", "/serviceTest"), ("tmf656", "/serviceProblem")]
)
def test_hostile_bodies_are_refused_not_fallen_over(running: Running, where: tuple[str, str], raw: bytes) -> None:
    assert running.care("northfibre", where[0], "POST", where[1], data=raw).status_code == 400
