"""Endpoints, legs and partners that do what a test tells them to, over real HTTP."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ofx.core.clock import now
from partners.conversations import actions, delivery, inbox
from partners.mapping.canonical import OutboundItem, OutboundOrder
from partners.models import Endpoint, Leg, Message
from tests.conftest import AT


def order(our_key: str = "OFX-1", **fields: Any) -> OutboundOrder:
    """An order of one broadband line."""
    item = OutboundItem(
        position=1,
        action="add",
        offering_code="fttp-500",
        offering_name="FTTP 500",
        kind="broadband",
        technology="FTTP",
    )
    defaults = {
        "our_key": our_key,
        "reference": "OFX-000001",
        "items": (item,),
        "country": "GB",
        "postcode": "SW1A1AA",
        "address": "1 Example Street, London",
        "contact_name": "Pat Example",
    }
    return OutboundOrder(**{**defaults, **fields})


class Partner:
    """An HTTP server whose every answer is chosen by the test. `seen` is what it received, in order."""

    def __init__(self) -> None:
        self.seen: list[SimpleNamespace] = []
        self.orders: dict[str, dict[str, Any]] = {}
        self.script: list[Callable[[Any], tuple[int, Any] | None]] = []
        self.before: Callable[[SimpleNamespace], None] | None = None
        self.lock = threading.Lock()
        partner = self

        class Handler(BaseHTTPRequestHandler):
            """Hands each request to the partner."""

            protocol_version = "HTTP/1.1"

            def _work(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                call = SimpleNamespace(
                    method=self.command,
                    path=self.path,
                    headers={k.lower(): v for k, v in self.headers.items()},
                    body=json.loads(body) if body else None,
                    at=timezone.now(),
                )
                partner.seen.append(call)
                if partner.before:
                    partner.before(call)
                answer = partner.script.pop(0)(call) if partner.script else partner.normal(call)
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, content, *headers = answer
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                try:
                    self.send_response(status)
                    for name, value in (headers[0] if headers else {}).items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(raw)))
                    self.end_headers()
                    self.wfile.write(raw)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = do_DELETE = _work

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def create(self, call: SimpleNamespace) -> dict[str, Any]:
        """Keep the order and return it as the partner shows it."""
        with self.lock:
            made = {
                **call.body,
                "id": str(len(self.orders) + 1),
                "state": "acknowledged",
                "orderDate": "2026-03-02T09:00:00Z",
            }
            self.orders[made["id"]] = made
            return made

    def normal(self, call: SimpleNamespace) -> tuple[int, Any]:
        """How an honest partner answers."""
        path, _, query = call.path.partition("?")
        if call.method == "POST" and path.endswith("/productOrder"):
            return 201, self.create(call)
        if call.method == "POST":
            return 201, {"id": "1", **call.body, "state": "acknowledged"}
        if path.endswith("/productOrder"):
            key = dict(part.split("=", 1) for part in query.split("&") if part).get("externalId", "")
            return 200, [row for row in self.orders.values() if not key or row["externalId"] == key]
        row = self.orders.get(path.rpartition("/")[2])
        if row is None:
            return 404, {"code": "NOT_FOUND", "reason": "no such order"}
        if call.method == "PATCH":
            row.update(call.body)
        return 200, row

    def calls(self, method: str, end: str = "") -> list[SimpleNamespace]:
        """What was received, by method and end of the path."""
        return [c for c in self.seen if c.method == method and c.path.partition("?")[0].endswith(end)]

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def partner() -> Iterator[Partner]:
    """A scripted TMF622 partner."""
    made = Partner()
    yield made
    made.close()


@pytest.fixture
def hub(world: Any, partner: Partner, settings: Any) -> SimpleNamespace:
    """An endpoint of Brightwave at the scripted partner, and what a test does with it."""
    settings.HUB_RETRY_SECONDS = 1
    endpoint = make_endpoint(world.northfibre, partner.url, organisation=world.brightwave)

    def leg(key: str = "OFX-1", at: Endpoint = endpoint, case: str = "", org: Any = None) -> Leg:
        return actions.open_leg(
            organisation=org or world.brightwave,
            case=case or f"order:{key}",
            subject=f"partner_order:{key}",
            endpoint=at,
            our_key=key,
            at=AT,
            simulated=False,
        )

    def send(verb: str = "create", key: str = "OFX-1", at: Endpoint = endpoint, **fields: Any) -> Message:
        blocks = fields.pop("blocks", True)
        return actions.send(leg=leg(key, at), verb=verb, order=order(key, **fields), at=AT, actor=None, blocks=blocks)

    def drain(endpoint: Endpoint = endpoint, budget: float = 10.0) -> int:
        return delivery.drain(endpoint.pk, now, budget=budget)[0]

    def due() -> None:
        """Every pause is over."""
        Message.objects.filter(state__in=["queued", "stored"]).update(next_attempt_at=timezone.now())
        Endpoint.objects.update(slow_until=None, open_until=None)

    def read() -> int:
        return inbox.read_due(now)

    return SimpleNamespace(endpoint=endpoint, leg=leg, send=send, drain=drain, due=due, read=read, world=world)


def make_endpoint(operator: Any, url: str, **fields: Any) -> Endpoint:
    """A TMF622 endpoint with a short timeout."""
    defaults = {
        "operator": operator,
        "kind": "tmf622",
        "dialect": "northfibre",
        "name": "Northfibre orders",
        "base_url": url,
        "token": "partner-token",
        "inbound_key": f"key-{Endpoint.objects.count()}-0123456789abcdef",
        "timeout_seconds": 1,
        "rate_per_minute": 60_000,
    }
    return Endpoint.objects.create(**{**defaults, **fields})


def queries(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a plain query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
