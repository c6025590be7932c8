"""Service tests at a partner that answers by HTTP: run once, whatever times out, and believed with care."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.events.models import Event
from tests.ticketing.tickets.conftest import AT, apply, raised, told
from ticketing.tickets import actions
from ticketing.tickets.models import ServiceTest, Ticket
from ticketing.tickets.running import run_due
from ticketing.tickets.testing import ConsentNeeded, NotTestable, start_test


class Line:
    """A partner's test system: keeps what was asked, answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.result: dict[str, Any] = {"state": "completed", "characteristic": []}
        self.refuses: int = 0
        self.swallows = False

    def become(self, state: str, **told: Any) -> None:
        self.result = {"state": state, "characteristic": [{"name": name, "value": told[name]} for name in told]}

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if method == "POST":
            if self.refuses:
                return self.refuses, {"reason": "No such service"}
            self.asked.append(body)
            return (500, {}) if self.swallows else (201, self.shown(body))
        if "externalId=" in path:
            key = path.partition("externalId=")[2]
            return 200, [self.shown(one) for one in self.asked if one["externalId"] == key]
        return 200, self.shown(self.asked[-1])

    def shown(self, body: dict[str, Any]) -> dict[str, Any]:
        measures = [
            {"metricName": "Uniport state", "value": {"value": "up"}},
            {"metricName": "Rx level", "value": {"value": "-40"}, "unitOfMeasure": "dBm"},
        ]
        return {"id": "T-1", "externalId": body["externalId"], "testMeasure": measures, **self.result}


@pytest.fixture
def line(desk: SimpleNamespace) -> Iterator[Line]:
    """The test system of the service's partner."""
    state = Line()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            status, found = state.answer(self.command, self.path, json.loads(self.rfile.read(size) or b"{}"))
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_one

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    desk.endpoint.services = {"tmf653": f"http://127.0.0.1:{server.server_port}/tmf653"}
    desk.endpoint.save()
    yield state
    server.shutdown()
    server.server_close()


def at(seconds: float) -> Callable[[], datetime]:
    return lambda: AT + timedelta(seconds=seconds)


def ask(desk: SimpleNamespace, **more: Any) -> ServiceTest:
    return start_test(service=desk.service, actor=desk.alice, at=AT, **more)


def test_a_test_is_asked_once_and_looked_at_until_it_is_done(desk: SimpleNamespace, line: Line) -> None:
    test = ask(desk)
    assert ask(desk).pk == test.pk
    line.become("inProgress")
    assert (run_due(at(0)), run_due(at(0.5)), run_due(at(2))) == (1, 0, 1)
    line.become("completed", colour="RED", code="ONT_NO_LIGHT", text="No light", stalePort=True)
    run_due(at(5))
    test.refresh_from_db()
    assert (test.state, test.colour, test.code, test.partner_ref) == ("completed", "red", "ONT_NO_LIGHT", "T-1")
    assert test.stale_port
    assert [row["note"] for row in test.measures] == ["old: the fibre box is down, so this is from before", ""]
    assert len(line.asked) == 1
    event = Event.objects.get(name="service_test.completed")
    assert (event.payload["service_id"], event.payload["colour"]) == (desk.service.pk, "red")


def test_one_whose_answer_was_lost_is_looked_up_and_not_run_twice(desk: SimpleNamespace, line: Line) -> None:
    test = ask(desk)
    line.swallows = True
    run_due(at(0))
    line.become("completed", colour="GREEN", code="LINE_OK")
    run_due(at(5))
    test.refresh_from_db()
    assert (test.state, test.colour, len(line.asked)) == ("completed", "green", 1)


def test_a_worker_that_died_is_followed_by_another_after_its_lease(desk: SimpleNamespace, line: Line) -> None:
    test = ask(desk)
    ServiceTest.objects.filter(pk=test.pk).update(lease_until=AT + timedelta(seconds=45), attempts=1)
    line.become("completed", colour="GREEN", code="LINE_OK")
    assert (run_due(at(10)), run_due(at(46))) == (0, 1)
    test.refresh_from_db()
    assert test.state == "completed"


@pytest.mark.parametrize(("refuses", "seconds", "words"), [(404, 0, "No such service"), (503, 601, "Given up")])
def test_what_cannot_be_run_says_why(desk: SimpleNamespace, line: Line, refuses: int, seconds: int, words: str) -> None:
    test = ask(desk)
    line.refuses = refuses
    run_due(at(0))
    if seconds:
        run_due(at(seconds))
    test.refresh_from_db()
    assert (test.state, words in test.problem) == ("failed", True)


def test_an_interruption_needs_consent_and_nobody_on_digital_voice_is_told_to_restart(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    voice = fault(fault_class="voice")
    with pytest.raises(ConsentNeeded, match="emergency"):
        ask(desk, kind="loopback", ticket=voice)
    with pytest.raises(NotTestable):
        ask(desk, kind="ont_reset", ticket=voice, consent="Paula")
    assert ask(desk, kind="loopback", consent="Paula Placeholder, 09:00").disruptive
    desk.endpoint.services = {}
    desk.endpoint.save()
    with pytest.raises(NotTestable, match="offers no remote test"):
        ask(desk)


@pytest.mark.parametrize(
    ("colour", "state", "partner"), [("red", "in_progress", "in_progress"), ("green", "resolved", "resolved")]
)
def test_a_red_line_after_the_fix_goes_back(
    desk: SimpleNamespace,
    line: Line,
    fault: Callable[..., Ticket],
    settle: Callable[[], int],
    colour: str,
    state: str,
    partner: str,
) -> None:
    row = apply(raised(fault(), desk.alice), told("RESOLVED", fix="Port reset"))
    line.become("completed", colour=colour.upper(), code="X")
    run_due(at(24 * 3600 + 5))
    settle()
    row.refresh_from_db()
    ticket = Ticket.objects.get(pk=row.ticket_id)
    assert (ticket.state, row.state) == (state, partner)
    assert ticket.notes.filter(audience="all", author="system").count() == 1


def test_a_known_incident_is_told_as_a_hit_and_bars_raising(
    desk: SimpleNamespace, line: Line, fault: Callable[..., Ticket]
) -> None:
    ticket = fault()
    ask(desk, ticket=ticket)
    line.become("completed", colour="RED", code="KNOWN_INCIDENT", problem="INC-7")
    run_due(at(1))
    assert Event.objects.get(name="service_test.hit_incident").payload["incident"] == "INC-7"
    with pytest.raises(actions.NotReady, match="under the outage"):
        actions.raise_to_partner(ticket=ticket, actor=desk.alice, at=AT + timedelta(minutes=1), override_reason="x")
