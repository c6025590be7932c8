"""Give a test session a PostgreSQL and a Valkey of its own, unless the environment names real ones.

The folder is OFX_TEST_HOME (default `.ofx/test` in the checkout). Sessions at the same time take numbered
homes in it, so they never share a server.
"""

import atexit
import os
from collections.abc import Generator

import pytest

from ofx.embedded.temporary import TemporaryServers, claim

running: TemporaryServers | None = None


# A wrapper runs before every plain hook, and pytest-django loads the settings in a plain one.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Start the servers before anything loads Django's settings."""
    global running
    missing = [name for name in ("DATABASE_URL", "BROKER_URL") if not os.environ.get(name, "").strip()]
    running = claim()
    atexit.register(running.stop)
    running.start(database="DATABASE_URL" in missing, broker="BROKER_URL" in missing)
    os.environ.update(running.environment())
    return (yield)


def pytest_unconfigure() -> None:
    """Stop them at the end of the session."""
    if running is not None:
        running.stop()
