"""Service tests, outages, planned works and a customer's own system in the sandbox (docs/sandbox.md, Faults)."""

from __future__ import annotations

import csv
import email
import email.message
import io
import json
import mailbox
import smtplib
import threading
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from sandbox.process import Running
from tests.sandbox.conftest import Listener, wait_for
from tests.sandbox.test_faults_tickets import broken, probe, result


def test_most_lines_are_green_and_the_same_each_time(running: Running) -> None:
    from sandbox.care import lines
    from sandbox.care.words import WORDS
    from sandbox.config import load

    assert set(WORDS) >= {"northfibre", "southlink", "eastwave"}
    assert load(running.home, {}).seed == 2026
    colours = [result(probe(running, "northfibre", f"seen-{number}"))["colour"] for number in range(8)]
    assert colours.count("GREEN") >= 5
    assert result(probe(running, "northfibre", "seen-0"))["colour"] == colours[0]
    assert {code.colour for code in lines.CODES.values()} == {"GREEN", "AMBER", "RED"}


def test_a_disruptive_test_wants_consent(running: Running) -> None:
    ask = {"name": "Reset", "relatedService": {"id": "31"}, "testSpecification": {"id": "ont_reset"}}
    refused = running.care("northfibre", "tmf653", "POST", "/serviceTest", json=ask)
    assert refused.status_code == 409
    assert refused.json()["code"] == "CONSENT_REQUIRED"
    consent = [{"name": "consent", "value": "Cara, 10:02"}]
    assert probe(running, "northfibre", "31", "ont_reset", characteristic=consent)["state"] == "completed"
    unknown = running.care("northfibre", "tmf653", "POST", "/serviceTest", json={**ask, "relatedService": {}})
    assert unknown.status_code == 400
    assert "relatedService.id" in unknown.json()["message"]


def test_a_power_cycle_helps_against_some_faults(running: Running) -> None:
    broken(running, "northfibre", "32", "ONT_DYING_GASP")
    broken(running, "northfibre", "33", "ONT_NO_LIGHT")
    for service in ("32", "33"):
        running.control("line", {"partner": "northfibre", "service": service, "act": "power_cycled"})
    assert result(probe(running, "northfibre", "32"))["colour"] == "GREEN"
    assert result(probe(running, "northfibre", "33"))["colour"] == "RED"


def test_a_test_system_in_trouble_says_so(running: Running) -> None:
    running.control("tests", {"partner": "eastwave", "mode": "fail"})
    assert probe(running, "eastwave", "34", externalId="K-34")["state"] == "failed"
    running.control("tests", {"partner": "eastwave", "mode": ""})
    found = running.care("eastwave", "tmf653", "GET", "/serviceTest", params={"externalId": "K-34"}).json()
    assert [row["externalId"] for row in found] == ["K-34"]


def test_an_outage_is_told_to_subscribers_and_its_lines_follow(running: Running, listener: Listener) -> None:
    running.care("northfibre", "tmf656", "POST", "/hub", json={"callback": listener.url})
    about = {"partner": "northfibre", "sectors": ["M1 1"], "services": ["41", "42"], "title": "Cut", "hours": 3}
    outage = running.control("outage", about)["result"]
    assert outage["affectedLocation"][0]["name"] == "M1 1"
    assert outage["status"] == "inProgress"
    assert result(probe(running, "northfibre", "41"))["code"] == "KNOWN_INCIDENT"
    running.control("outage", {"partner": "northfibre", "act": "update", "id": outage["id"], "text": "Splicing"})
    end = {"partner": "northfibre", "act": "end", "id": outage["id"], "still_down": ["42"]}
    assert running.control("outage", end)["result"]["status"] == "resolved"
    assert result(probe(running, "northfibre", "41"))["colour"] == "GREEN"
    assert result(probe(running, "northfibre", "42"))["colour"] == "RED"
    wait_for(lambda: len(listener.received) >= 3)
    told = [json.loads(raw) for _, _, raw in listener.received]
    assert [row["eventType"] for row in told] == [
        "ServiceProblemCreateEvent", "ServiceProblemAttributeValueChangeEvent", "ServiceProblemStateChangeEvent",
    ]  # fmt: skip


def test_our_problem_is_taken_linked_and_cleared(running: Running) -> None:
    body = {
        "category": "serviceProvider.declared",
        "priority": 1,
        "description": "Twelve faults in one sector",
        "reason": "unknown",
        "originatorParty": {"id": "brightwave", "@referredType": "Organization"},
        "externalIdentifier": [{"id": "OUT-000123", "owner": "brightwave"}],
    }
    missing = running.care("southlink", "tmf656", "POST", "/serviceProblem", json={**body, "priority": None})
    assert missing.status_code == 400
    assert "priority" in missing.json()["message"]
    made = running.care("southlink", "tmf656", "POST", "/serviceProblem", json=body).json()
    found = running.care(
        "southlink", "tmf656", "GET", "/serviceProblem", params={"externalIdentifier.id": "OUT-000123"}
    ).json()
    assert [row["id"] for row in found] == [made["id"]]
    path = f"/serviceProblem/{made['id']}"
    wait_for(lambda: running.care("southlink", "tmf656", "GET", path).json()["status"] == "inProgress")
    cleared = running.care(
        "southlink", "tmf656", "PATCH", path, json={"status": "resolved", "statusChangeReason": "ok"}
    )
    assert cleared.json()["status"] == "resolved"
    assert cleared.json()["statusChange"][-1]["changeReason"] == "ok"


def test_planned_works_begin_and_end_by_themselves(running: Running) -> None:
    about = {"partner": "eastwave", "act": "planned", "services": ["51"],
             "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z"}  # fmt: skip
    made = running.control("outage", about)["result"]
    path = f"/serviceProblem/{made['id']}"
    wait_for(lambda: running.care("eastwave", "tmf656", "GET", path).json()["status"] == "resolved")
    traits = {
        row["name"]: row["value"] for row in running.care("eastwave", "tmf656", "GET", path).json()["characteristic"]
    }
    assert traits["planned"] is True
    assert traits["plannedStatus"] == "COMPLETED"


def test_planned_works_come_by_mail_with_a_calendar_or_in_prose(running: Running) -> None:
    about = {"partner": "mailtel", "id": "MW-77", "circuits": ["MT-000001"],
             "start": "2026-12-01T01:00:00Z", "end": "2026-12-01T05:00:00Z"}  # fmt: skip
    sent = running.control("works", about)["result"]["messageId"]
    prose = running.control("works", {**about, "id": "MW-78", "readable": False})["result"]["messageId"]
    mails = {row["Message-ID"]: email.message_from_bytes(row.as_bytes()) for row in mailbox.Maildir(running.mailbox)}
    calendar = next(part for part in mails[sent].walk() if part.get_content_type() == "text/calendar")
    text = bytes(calendar.get_payload(decode=True)).decode()
    assert "X-MAINTNOTE-MAINTENANCE-ID:MW-77" in text
    assert "DTSTART:20261201T010000Z" in text
    assert not mails[prose].is_multipart()


# -- a customer's own system
class Provider(Listener):
    """The provider's API as the customer's system calls it: a POST makes ticket TT-1."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        self.received.append((f"{request.method} {request.path}", dict(request.headers), request.get_data()))
        answer = json.dumps({"id": "TT-1"})
        return Response(answer, 201 if request.method == "POST" else 200, mimetype="application/json")(
            environ, start_response
        )


def test_a_customers_system_takes_a_mirrored_ticket_and_its_people_answer(running: Running, listener: Listener) -> None:
    who = "harbour-itsm"
    running.care(who, "tmf621", "POST", "/hub", json={"callback": listener.url})
    sent = {"externalId": "TT-000009", "description": "No internet", "severity": "significant", "ticketType": "fault"}
    made = running.care(who, "tmf621", "POST", "/troubleTicket", json=sent).json()
    assert made["id"] == "INC001000001"
    running.care(
        who, "tmf621", "PATCH", f"/troubleTicket/{made['id']}", json={"status": "resolved", "note": [{"text": "Fixed"}]}
    )
    running.control("itsm", {"system": who, "act": "note", "id": made["id"], "text": "Thank you", "author": "Nia"})
    running.control("itsm", {"system": who, "act": "status", "id": made["id"], "status": "closed"})
    wait_for(lambda: len(listener.received) >= 4)
    last = json.loads(listener.received[-1][2])["event"]["troubleTicket"]
    assert last["status"] == "closed"
    assert [note["text"] for note in last["note"]] == ["Fixed", "Thank you"]
    assert [row["method"] for row in running.journal(who, kind="request")] == ["POST", "POST", "PATCH"]
    assert len(running.journal(who, kind="notification")) == 4


def test_a_ticket_raised_there_is_posted_to_us_with_its_notes(running: Running) -> None:
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/tmf-api/troubleTicket/v4"
        running.control("itsm", {"system": "harbour-itsm", "act": "connect", "url": url, "token": "secret"})
        raised = running.control("itsm", {"system": "harbour-itsm", "act": "raise", "title": "Slow", "service": "7"})
        ident = raised["result"]["id"]
        running.control("itsm", {"system": "harbour-itsm", "act": "note", "id": ident, "text": "Since Monday"})
        wait_for(lambda: len(provider.received) == 2)
    finally:
        server.shutdown()
        server.server_close()
        running.control("itsm", {"system": "harbour-itsm", "act": "connect"})
    post, patch = provider.received
    assert post[0].startswith("POST")
    assert json.loads(post[2])["externalId"] == ident
    assert post[1]["Authorization"] == "Bearer secret"
    assert patch[0].endswith("PATCH /tmf-api/troubleTicket/v4/troubleTicket/TT-1".removeprefix("PATCH"))
    assert running.cases("harbour-itsm", external_id="TT-1")[0]["id"] == ident


def test_the_page_and_the_state_show_faults(running: Running) -> None:
    page = running.http.get(running.url).text
    assert all(text in page for text in ("Scenarios of tickets", "ONT_NO_LIGHT", "Harbour Books"))
    state = running.http.get(
        f"{running.url}/_control", headers={"Authorization": f"Bearer {running.config.admin_token}"}
    )
    assert "harbour-itsm" in state.json()["partners"]
    for body in (
        {"partner": "mailtel", "service": "1"},
        {"partner": "northfibre"},
        {"partner": "northfibre", "service": "1", "code": "?"},
    ):
        answer = running.http.post(
            f"{running.url}/_control/line", json=body, headers={"Authorization": f"Bearer {running.config.admin_token}"}
        )
        assert answer.status_code == 400


def mailed(running: Running, **row: str) -> None:
    """A letter about a fault with its line of CSV, by real SMTP."""
    names = ("our_key", "action", "reference", "title", "service", "notes", "partner_ref")
    line = [row.get(name, "") for name in names]
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "faults@ofx.example", "orders@mailtel.example", "Fault"
    message["Message-ID"] = f"<{row['our_key']}-{row['action']}@ofx.example>"
    message.set_content("A new fault for you.")
    content = ",".join(names) + "\n" + ",".join(line) + "\n"
    message.add_attachment(content.encode(), maintype="text", subtype="csv", filename="fault.csv")
    with smtplib.SMTP("127.0.0.1", running.smtp_port) as client:
        client.send_message(message)


def told_by_mail(running: Running, key: str) -> list[dict[str, str]]:
    """The lines of updates about a fault, by their sequence, each once."""
    rows = {}
    for one in mailbox.Maildir(running.mailbox):
        for part in email.message_from_bytes(one.as_bytes()).walk():
            if part.get_content_type() == "text/csv":
                for line in csv.DictReader(io.StringIO(bytes(part.get_payload(decode=True)).decode())):
                    if line["our_key"] == key:
                        rows[int(line["sequence"] or 0)] = line
    return [rows[number] for number in sorted(rows)]


def test_a_partner_by_mail_takes_a_fault_asks_and_resolves(running: Running) -> None:
    about = {"our_key": "TT-000007-1", "reference": "TT-000007", "title": "No light"}
    mailed(running, action="create", notes="Red light [scenario:question]", **about)
    wait_for(lambda: [row for row in told_by_mail(running, "TT-000007-1") if row["update_type"] == "QUESTION"])
    mailed(running, action="answer", notes="Power is green", **about)
    wait_for(lambda: [row for row in told_by_mail(running, "TT-000007-1") if row["update_type"] == "RESOLVED"])
    told = told_by_mail(running, "TT-000007-1")
    assert [row["update_type"] for row in told] == [
        "ACKNOWLEDGED", "IN_PROGRESS", "QUESTION", "IN_PROGRESS", "RESOLVED",
    ]  # fmt: skip
    assert told[-1]["fix"]
    assert told[-1]["partner_ref"] == "MTF-000001"
    mailed(running, action="close", **about)
    wait_for(lambda: running.cases("mailtel")[0]["state"] == "closed")
    mailed(running, action="create", our_key="OUT-1", reference="OUT-1")
    wait_for(lambda: [row for row in told_by_mail(running, "OUT-1") if "title is empty" in row["text"]])
