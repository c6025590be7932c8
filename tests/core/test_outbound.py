"""HTTP to the outside: where it must not go, and what an answer that never came means."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ofx.core import outbound


class Server:
    """A raw TCP server whose whole answer is chosen by the test."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/x"
        self.seen: list[bytes] = []
        self.answer = answer
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.seen.append(connection.recv(65536))
                try:
                    self.answer(connection)
                except OSError:
                    continue


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], None]], Server]]:
    made: list[Server] = []

    def start(answer: Callable[[socket.socket], None]) -> Server:
        made.append(Server(answer))
        return made[-1]

    yield start
    for server in made:
        server.listener.close()


def says(text: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://0.0.0.0:1/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://2130706433/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http:///x",
    ],
)
def test_private_local_and_metadata_addresses_are_refused(url: str, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(outbound.Forbidden):
        outbound.request("GET", url)


def test_a_name_with_one_forbidden_address_is_refused_whole(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTBOUND_ALLOW = []
    both = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    with pytest.raises(outbound.Forbidden, match=r"10\.0\.0\.1"):
        outbound.request("GET", "http://two.example/")


def test_the_connection_goes_to_the_address_that_was_checked(
    serve: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    settings.OUTBOUND_ALLOW = ["partner.example"]
    asked: list[str] = []

    def resolve(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    reply = outbound.request("GET", f"http://partner.example:{server.port}/x")
    assert reply.body == b"ok"
    assert asked.count("partner.example") == 1  # later look-ups are of the address itself
    assert f"Host: partner.example:{server.port}".encode() in server.seen[0]


def test_redirects_are_not_followed(serve: Any) -> None:
    server = serve(says(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"))
    assert outbound.request("GET", server.url).status == 302
    assert len(server.seen) == 1


def test_an_unknown_name_and_a_closed_port_were_certainly_not_reached() -> None:
    for url in ("http://no-such-host.invalid/", "http://127.0.0.1:9/"):
        with pytest.raises(outbound.NotSent):
            outbound.request("POST", url, body=b"x", timeout=2)


@pytest.mark.parametrize("how", ["silence", "reset", "half a body"])
def test_a_request_that_was_sent_and_lost_its_answer_is_unanswered(serve: Any, how: str) -> None:
    def answer(connection: socket.socket) -> None:
        if how == "silence":
            time.sleep(1.5)
        elif how == "half a body":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")

    server = serve(answer)
    with pytest.raises(outbound.Unanswered):
        outbound.request("POST", server.url, body=b"x", timeout=0.5)
    assert server.seen


def test_an_answer_that_drips_is_cut_off_in_time(serve: Any) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.1)

    started = time.monotonic()
    with pytest.raises(outbound.Unanswered):
        outbound.request("GET", serve(drip).url, timeout=1)
    assert time.monotonic() - started < 5


def test_a_body_is_read_up_to_a_bound(serve: Any) -> None:
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000))
    reply = outbound.request("GET", server.url, max_bytes=1000)
    assert (len(reply.body), reply.truncated) == (1000, True)


def test_no_cookie_and_no_proxy_of_the_environment_is_used(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server = serve(says(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
    for _ in range(2):
        assert outbound.request("GET", server.url).status == 200
    assert all(b"Cookie" not in seen for seen in server.seen)
