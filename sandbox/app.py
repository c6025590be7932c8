"""The HTTP face: routes to partners, control, journal and page; applies faults; journals every request."""

from __future__ import annotations

import json
import secrets
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from sandbox import appointments, control, faults, page, qualification, tmf
from sandbox.care import api as care_api
from sandbox.care.desk import Care, Kind
from sandbox.config import Config
from sandbox.desk import Desk
from sandbox.house import House
from sandbox.lifecycle import stamp
from sandbox.wire import Answer, Call, Refused, error, unavailable

MAX_BODY = 1_000_000
Worker = Callable[[Call], Answer]
HTML = "<!doctype html><title>Simulated</title><h1>Simulated: this is a web page, not an answer</h1>"


class Application:
    """The WSGI application over all desks. `stopping` ends held-back answers early."""

    def __init__(
        self, config: Config, desks: dict[str, Desk], cares: dict[str, Care], stopping: threading.Event
    ) -> None:
        self.config = config
        self.desks = desks
        self.cares = cares
        self.stopping = stopping

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = MAX_BODY
        response = self.respond(request)
        response.headers["X-OFX-Simulated"] = "yes"
        if traced := request.headers.get("X-Request-ID", "")[:64]:
            response.headers["X-Request-ID"] = traced
            told = {"event": "request", "request_id": traced, "method": request.method, "status": response.status_code}
            sys.stdout.write(f"{json.dumps(told)}\n")
            sys.stdout.flush()
        return response(environ, start_response)

    def respond(self, request: Request) -> Response:
        """The answer to any request; an error of ours is a 500 with its trace on stderr."""
        try:
            return self._dispatch(request)
        except RequestEntityTooLarge:
            return as_json(error(Refused(413, "TOO_LARGE", f"the body is above {MAX_BODY} bytes")))
        except Refused as refused:
            return as_json(error(refused))
        except ConnectionError:
            raise
        except Exception:
            sys.stderr.write(traceback.format_exc())
            return as_json(error(Refused(500, "INTERNAL", "the sandbox failed; see its log")))

    def _dispatch(self, request: Request) -> Response:
        first, _, rest = request.path.lstrip("/").partition("/")
        if first == "":
            return Response(page.render(self.config, self.desks, self.cares), mimetype="text/html")
        if first == "healthz":
            return as_json(Answer(200, {"status": "ok", "simulated": True}))
        if first in ("_control", "_journal"):
            return self._administer(request, first, rest.strip("/"))
        care = self.cares.get(first)
        kind = care_api.below(care, request.path) if care else None
        if care and kind:
            return self._care(care, request, *kind)
        desk = self.desks.get(first)
        if desk is None or desk.partner.kind != "tmf622":
            raise Refused(404, "NOT_FOUND", f"there is no partner {first!r}")
        live = qualification.below(desk, request.path)
        visit = appointments.below(desk, request.path)
        if visit:
            return self._appoint(desk, request, visit)
        return self._qualify(desk, request, live) if live else self._order(desk, request)

    def _administer(self, request: Request, first: str, rest: str) -> Response:
        if not bearer_is(request, self.config.admin_token):
            raise Refused(401, "UNAUTHORIZED", "send the admin token of the configuration as a bearer token")
        args = {name: request.args.getlist(name) for name in request.args}
        call = Call(request.method, rest, args, request.get_data())
        work = control.steer if first == "_control" else control.read_journal
        return as_json(work(self.desks, self.cares, call))

    # partners

    def _order(self, desk: Desk, request: Request) -> Response:
        if not f"{request.path}/".startswith(f"{desk.partner.base_path}/"):
            return self._serve(desk, request, "", _nowhere(desk))
        path = request.path.removeprefix(desk.partner.base_path)
        return self._serve(desk, request, path, lambda call: tmf.answer(desk, call))

    def _care(self, care: Care, request: Request, kind: Kind, path: str) -> Response:
        """Tickets, tests, problems: as orders are served; tests may have troubles of their own."""
        mode = care.store.setting("tests", "") if kind.name == "test" else ""
        if mode == "dead":
            self.stopping.wait(qualification.DEAD_SECONDS)
        if mode == "errors" and care.house.rng("test error", care.store.journal_size()).random() < 1 / 3:
            return self._serve(
                care.house, request, path, lambda call: unavailable("simulated: the test system is busy")
            )
        return self._serve(care.house, request, path, lambda call: care_api.answer(care, kind, call))

    def _serve(self, desk: House, request: Request, path: str, work: Worker) -> Response:
        down = desk.down()
        body = b"" if down else request.get_data()
        if not down:
            self.stopping.wait(desk.partner.habits.latency_seconds)
        with desk.store.transaction():
            fault, answer = ("down", None) if down else self._work(desk, request, body, path, work)
            answer = answer or unavailable("simulated: down", 2)
            if down == "reset":
                fault = "reset_after_commit"
            self._journal(desk, request, body, answer, f"down: {down}" if down else fault)
        return self._deliver(request, answer, fault, desk.faults().hold_seconds)

    def _qualify(self, desk: Desk, request: Request, path: str) -> Response:
        """A live question: journaled and answered beside the order API, with manners of its own."""
        body, held, fault = request.get_data(), 0.0, ""
        with desk.store.transaction():
            answer = unavailable("simulated: down", 2)
            if not bearer_is(request, desk.partner.token):
                answer = error(Refused(401, "UNAUTHORIZED", "the bearer token is missing or wrong"))
            elif not desk.down():
                fault, answer, held = qualification.answer(desk, Call(request.method, path, {}, body))
            self._journal(desk, request, body, answer, fault)
        self.stopping.wait(held)
        return as_json(answer)

    def _appoint(self, desk: Desk, request: Request, path: str) -> Response:
        """The appointment book, beside the order API; a person waits, so it has no fault but being down."""
        args = {name: request.args.getlist(name) for name in request.args}
        down, answer = desk.down(), unavailable("simulated: down", 2)
        if not bearer_is(request, desk.partner.token):
            answer = error(Refused(401, "UNAUTHORIZED", "the bearer token is missing or wrong"))
        elif not down:
            answer = appointments.answer(desk, Call(request.method, path, args, request.get_data()))
        fault = appointments.fault(desk)
        with desk.store.transaction():
            self._journal(desk, request, request.get_data(), answer, f"down: {down}" if down else fault)
        return self._deliver(request, answer, fault, desk.faults().hold_seconds)

    def _work(self, desk: House, request: Request, body: bytes, path: str, work: Worker) -> tuple[str, Answer]:
        """The fault that befalls the request, and the answer it would have got or gets."""
        if not bearer_is(request, desk.partner.token):
            return "", error(Refused(401, "UNAUTHORIZED", "the bearer token is missing or wrong"))
        writes = request.method not in ("GET", "HEAD")
        fault = faults.of_request(desk.faults(), desk.rng("fault", desk.store.journal_size() + 1), writes=writes)
        if fault == "error_5xx":
            return fault, unavailable("simulated: try again")
        args = {name: request.args.getlist(name) for name in request.args}
        answer = work(Call(request.method, path, args, body))
        created = request.method == "POST" and answer.status == 201 and answer.order
        # a cancel task is about an order too, but its scenario has been played
        if created and "cancel" not in path and created.scenario in faults.ORDER_FAULTS:
            fault = fault or created.scenario
        return fault, answer

    def _journal(self, desk: House, request: Request, body: bytes, answer: Answer, outcome: str) -> None:
        text = body.decode("utf-8", "replace")
        desk.store.log(
            at=stamp(desk.now()),
            kind="request",
            method=request.method,
            path=request.full_path.rstrip("?"),
            external_id=answer.order.external_id if answer.order else _external_id(text),
            order_id=answer.order.id if answer.order else "",
            headers=dict(request.headers),
            body=text,
            status=answer.status,
            outcome=outcome or "answered",
            response="" if answer.body is None else json.dumps(answer.body),
        )

    def _deliver(self, request: Request, answer: Answer, fault: str, hold_seconds: float) -> Response:
        """What has been committed is answered now: in time, too late, as a web page, or not at all."""
        if fault == "reset_after_commit":
            reset(request.environ)
        if fault == "timeout_after_commit":
            self.stopping.wait(hold_seconds)
        if fault == "html_200":
            return Response(HTML, 200, mimetype="text/html")
        return as_json(answer)


def _nowhere(desk: Desk) -> Worker:
    text = f"the API is at {desk.partner.base_path}"
    return lambda call: error(Refused(404, "NOT_FOUND", text))


def _external_id(text: str) -> str:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    key = found.get("externalId") if isinstance(found, dict) else None
    return key.encode("utf-8", "replace").decode() if isinstance(key, str) else ""


def bearer_is(request: Request, token: str) -> bool:
    """Whether the request carries this bearer token."""
    given = request.headers.get("Authorization", "")
    return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())


def as_json(answer: Answer) -> Response:
    """A JSON response."""
    body = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
    response = Response(body, answer.status, answer.headers, mimetype="application/json")
    return response


def reset(environ: dict[str, Any]) -> None:
    """Close the connection without an answer, so that the client sees a reset."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)  # or the server would wait for a next request
    raise ConnectionResetError("simulated reset")
