"""Throw-away servers for a test session or for one command: `python -m ofx.embedded.temporary COMMAND …`."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from ofx.embedded import paths
from ofx.embedded.broker import Broker
from ofx.embedded.postgres import Postgres

MOST_SESSIONS = 50


class TooManySessions(RuntimeError):
    """Every numbered home is taken."""


class TemporaryServers:
    """A careless PostgreSQL and a Valkey in a home that is ours until `stop()`."""

    def __init__(self, home: Path, lock: IO[str]) -> None:
        self.home = home
        self.lock = lock
        self.postgres = Postgres(home, careless=True)
        self.broker = Broker(home)

    def start(self, *, database: bool = True, broker: bool = True) -> None:
        """Start what is wanted and wait for it."""
        if database:
            self.postgres.start()
        if broker:
            self.broker.start()

    def stop(self) -> None:
        """Stop both and free the home; a second call is a no-op."""
        self.broker.stop()
        self.postgres.stop()
        self.lock.close()

    def environment(self) -> dict[str, str]:
        """What Django's settings must read to use these servers."""
        database = {"DATABASE_URL": paths.database_url(self.home)} if self.postgres.process else {}
        broker = {"BROKER_URL": self.broker.url} if self.broker.process else {}
        return {
            **database,
            **broker,
            "OFX_HOME": str(self.home),
            "OFX_SECRET_KEY": "test-only-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
            "OFX_DEBUG": "0",
            "OFX_ENV": "test",
        }


def claim() -> TemporaryServers:
    """Servers, not yet started, in the first numbered home below OFX_TEST_HOME that is free."""
    configured = os.environ.get("OFX_TEST_HOME", "").strip()
    root = Path(configured).expanduser().absolute() if configured else paths.CHECKOUT / ".ofx" / "test"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(1, MOST_SESSIONS + 1):
        lock = (root / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return TemporaryServers(root / str(number), lock)
    raise TooManySessions(f"{MOST_SESSIONS} sessions run in {root} already; set OFX_TEST_HOME elsewhere.")


def main() -> int:
    """Run the command with temporary servers; return its exit code."""
    servers = claim()
    try:
        servers.start()
        environment = {**os.environ, **servers.environment()}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode  # noqa: S603
    finally:
        servers.stop()


if __name__ == "__main__":
    sys.exit(main())
