"""A light load generator: each client is a process with one kept-alive connection that asks one thing after another.

A raw socket keeps the client's own cost small: it shares the machine with what it measures.
"""

import multiprocessing
import random
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CLIENTS = 8
END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second over all clients, and the times of single requests in ms."""

    rate: float
    p50: float
    p95: float
    times: list[float]


def measured(times: list[float], seconds: float) -> Measured:
    """From the times of single requests in seconds, over so many seconds."""
    times.sort()
    ms = [1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.95)]
    return Measured(len(times) / seconds, ms[0], ms[1], times)


def together(rounds: Sequence[Measured]) -> Measured:
    """Several rounds of the same length as one."""
    seconds = sum(len(one.times) / one.rate for one in rounds)
    return measured([time for one in rounds for time in one.times], seconds)


class BadAnswer(RuntimeError):
    """An answer that is not 200; the text holds its first bytes."""


def http(port: int, target: str, headers: str, words: Sequence[str], seconds: float) -> Measured:
    """GET `target` with `{}` replaced by random words, for some seconds, by CLIENTS clients at once."""

    def make() -> Callable[[str], None]:
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tail = f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode()

        def ask(word: str) -> None:
            connection.sendall(b"GET " + target.format(word).encode() + tail)
            read(connection)

        return ask

    return run(make, words, seconds)


def read(connection: socket.socket, status: bytes = b"HTTP/1.1 200") -> None:
    """Read one answer to its end. Raises BadAnswer for another status."""
    data = connection.recv(65536)
    while END_OF_HEAD not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(END_OF_HEAD)
    if not head.startswith(status):
        raise BadAnswer(data[:600].decode(errors="replace"))
    at = head.lower().index(b"content-length:") + 15
    left = int(head[at:].split(b"\r\n", 1)[0]) - len(body)
    while left > 0:
        left -= len(connection.recv(65536))


def run(make: Callable[[], Callable[[str], None]], words: Sequence[str], seconds: float) -> Measured:
    """Let CLIENTS processes ask for random words; each makes its own connection. Raises BadAnswer."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    start = time.monotonic() + 0.3
    clients = [
        context.Process(target=_client, args=(make, words, start, seconds, seed, results)) for seed in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    answers = [results.get() for _ in clients]
    for client in clients:
        client.join()
    errors = [answer for answer in answers if isinstance(answer, str)]
    if errors:
        raise BadAnswer(errors[0])
    return measured([one for answer in answers for one in answer], seconds)


def _client(make, words, start, seconds, seed, results) -> None:  # type: ignore[no-untyped-def]
    """One client: every word has the same chance, every client another order."""
    try:
        ask, chance, times = make(), random.Random(seed), []
        time.sleep(max(0, start - time.monotonic()))
        end = start + seconds
        while (begun := time.monotonic()) < end:
            ask(words[chance.randrange(len(words))])
            times.append(time.monotonic() - begun)
        results.put(times)
    except Exception as error:
        results.put(f"{type(error).__name__}: {error}")
