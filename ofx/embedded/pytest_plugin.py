"""Give a test session a PostgreSQL and a Valkey of its own, unless the environment names real ones.

The folder is OFX_TEST_HOME (default `.ofx/test` in the checkout). Sessions at the same time take numbered
homes in it, so they never share a server.
"""

import atexit
import fcntl
import os
from collections.abc import Generator
from pathlib import Path
from typing import IO

import pytest

from ofx.embedded import paths
from ofx.embedded.broker import Broker
from ofx.embedded.postgres import Postgres

MOST_SESSIONS = 50


class TestServers:
    """The servers of this session and the lock on their home."""

    __test__ = False

    def __init__(self, home: Path, lock: IO[str]) -> None:
        self.home = home
        self.lock = lock
        self.postgres = Postgres(home, careless=True)
        self.broker = Broker(home)

    def start(self) -> None:
        """Start both and wait for them."""
        self.postgres.start()
        self.broker.start()

    def stop(self) -> None:
        """Stop both and free the home; a second call is a no-op."""
        self.broker.stop()
        self.postgres.stop()
        self.lock.close()


running: TestServers | None = None


def claim_home(root: Path) -> tuple[Path, IO[str]]:
    """The first numbered home below `root` that no other session holds, and the lock that holds it."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(1, MOST_SESSIONS + 1):
        lock = (root / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return root / str(number), lock
    raise pytest.UsageError(
        f"{MOST_SESSIONS} test sessions run in {root} already; set OFX_TEST_HOME elsewhere."
    )


def _start() -> TestServers:
    configured = os.environ.get("OFX_TEST_HOME", "").strip()
    root = Path(configured).expanduser().absolute() if configured else paths.CHECKOUT / ".ofx" / "test"
    servers = TestServers(*claim_home(root))
    atexit.register(servers.stop)
    servers.start()
    return servers


def _environment(servers: TestServers) -> None:
    """What Django's settings read, before they are loaded."""
    os.environ["DATABASE_URL"] = paths.database_url(servers.home)
    os.environ["BROKER_URL"] = servers.broker.url
    os.environ["OFX_HOME"] = str(servers.home)
    os.environ["OFX_SECRET_KEY"] = "test-only-" + "0123456789" * 5
    os.environ["OFX_DEBUG"] = "0"
    os.environ["OFX_ENV"] = "test"


# A wrapper runs before every plain hook, and pytest-django loads the settings in a plain one.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Start the servers before anything loads Django's settings."""
    global running
    if not os.environ.get("DATABASE_URL", "").strip():
        running = _start()
        _environment(running)
    return (yield)


def pytest_unconfigure() -> None:
    """Stop them at the end of the session."""
    if running is not None:
        running.stop()
