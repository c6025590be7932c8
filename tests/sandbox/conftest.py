"""A real sandbox process for these tests, and a real listener for its webhooks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from sandbox.process import Running

WAIT_SECONDS = 20.0


def order_body(key: str, scenario: str = "clean", **more: Any) -> dict[str, Any]:
    """A TMF622 order that asks for a scenario."""
    place = {"role": "installation address", "name": "1 Invented Street", "id": "1"}
    item = {"id": "1", "action": "add", "product": {"name": "Fibre 500", "place": [place]}}
    return {
        "externalId": key,
        "description": f"[scenario:{scenario}]",
        "productOrderItem": [item],
        **more,
    }


def wait_for(find: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:
    """What `find` answers as soon as it is true; fails with its last answer."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain; last answer {found!r}"
        time.sleep(0.04)
    return found


def place(running: Running, partner: str, key: str, scenario: str = "clean", **more: Any) -> dict[str, Any]:
    """Order at a partner; its answer."""
    answer = running.api(partner, "POST", "/productOrder", json=order_body(key, scenario, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(running: Running, partner: str, order_id: str) -> dict[str, Any]:
    """The order as the partner shows it."""
    return running.api(partner, "GET", f"/productOrder/{order_id}").json()


def until(running: Running, partner: str, order_id: str, state: str) -> dict[str, Any]:
    """The order once it is in that state."""

    def find() -> dict[str, Any] | None:
        shown = read(running, partner, order_id)
        return shown if shown["state"] == state else None

    return wait_for(find)


@dataclass
class Listener:
    """A real HTTP server that keeps what is posted to it and answers as told, then 201."""

    statuses: list[int] = field(default_factory=list)
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        self.received.append((request.path, dict(request.headers), request.get_data()))
        status = self.statuses.pop(0) if self.statuses else 201
        return Response("", status)(environ, start_response)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("sandbox"), day_seconds=0.05) as found:
        yield found


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    server = make_server("127.0.0.1", 0, found, threaded=True)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
