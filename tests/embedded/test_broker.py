"""The broker launcher, against a real Valkey."""

import subprocess
import sys
import textwrap

import pytest
from kombu import Connection

from ofx.embedded.broker import Broker, restore_unacked


@pytest.fixture
def broker(tmp_path):
    running = Broker(tmp_path / "home")
    running.start()
    yield running
    running.stop()


def put(url: str, *texts: str) -> None:
    with Connection(url) as connection, connection.SimpleQueue("work") as queue:
        for text in texts:
            queue.put(text)


def take_all(url: str) -> list[str]:
    taken = []
    with Connection(url) as connection, connection.SimpleQueue("work") as queue:
        while True:
            try:
                message = queue.get(block=True, timeout=0.3)
            except queue.Empty:
                return taken
            taken.append(message.payload)
            message.ack()


def test_a_broker_killed_with_sigkill_keeps_what_it_was_given(broker):
    put(broker.url, *(str(number) for number in range(200)))
    broker.process.kill()
    broker.process.wait()
    broker.start()
    assert take_all(broker.url) == [str(number) for number in range(200)]


def test_what_a_killed_worker_held_is_put_back_before_the_next_one_starts(broker):
    put(broker.url, "held", "waiting")
    holder = textwrap.dedent(
        f"""
        import os, signal
        from kombu import Connection
        with Connection({broker.url!r}) as connection, connection.SimpleQueue("work") as queue:
            queue.get(timeout=5)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    subprocess.run([sys.executable, "-c", holder], check=False)
    assert restore_unacked(broker.url) >= 1
    assert sorted(take_all(broker.url)) == ["held", "waiting"]
    assert restore_unacked(broker.url) == 0
