"""Sign in by the real page, read our mails, and a real OpenID Connect provider."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.core import mail
from django.test import Client

from ofx.core.accounts.actions import configure_sign_on
from ofx.core.accounts.models import SingleSignOn
from ofx.core.clock import now
from ofx.core.mail.actions import send_due
from tests.conftest import PASSWORD
from tests.core.accounts.provider import CLIENT, SECRET


def login(
    email: str = "alice@example.com", password: str = PASSWORD, client: Client | None = None, **extra: Any
) -> Any:
    """A client that signed in by the page."""
    client = client or Client()
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def is_in(client: Client) -> bool:
    """Whether the client may see a page behind the sign-in."""
    return client.get("/accounts/sessions/").status_code == 200


@pytest.fixture
def letters() -> Callable[[], list[Any]]:
    """Our mails since the last call, sent as the worker does."""

    def read() -> list[Any]:
        send_due(at=now())
        found = list(mail.outbox)
        mail.outbox.clear()
        return found

    return read


def link_in(letter: Any) -> str:
    """The path of the link that stands alone in a line of the mail."""
    found = re.search(r"^https?://\S+$", letter.body, re.MULTILINE)
    assert found, letter.body
    return urlsplit(found.group()).path


@dataclass
class RunningProvider:
    """The provider's process."""

    url: str

    def person(self, email: str, sub: str = "", fault: str = "", **claims: Any) -> None:
        """Who is signed in there."""
        body = {"sub": sub or email, "email": email, "email_verified": True, "fault": fault, **claims}
        requests.post(f"{self.url}/_set", json=body, timeout=10).raise_for_status()


@pytest.fixture(scope="session")
def oidc() -> Iterator[RunningProvider]:
    """A provider over real HTTP."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.core.accounts.provider", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    running = RunningProvider(f"http://127.0.0.1:{port}")
    try:
        until = time.monotonic() + 60
        while True:
            try:
                running.person("nobody@example.com")
                break
            except requests.ConnectionError:
                assert time.monotonic() < until, "the provider did not start"
                time.sleep(0.1)
        yield running
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def door(oidc: RunningProvider, world: Any) -> SingleSignOn:
    """Brightwave's provider, open for example.com."""
    return door_of(world.brightwave, oidc, world.alice)


def door_of(organisation: Any, oidc: RunningProvider, actor: Any, **changes: Any) -> SingleSignOn:
    """An organisation's provider."""
    fields = {
        "name": "Staff login",
        "issuer": oidc.url,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "domains": ["example.com"],
        "default_role": "",
        "only": False,
        "active": True,
        **changes,
    }
    return configure_sign_on(organisation=organisation, fields=fields, actor=actor, at=now())


def come_by(door: SingleSignOn, client: Client | None = None) -> Any:
    """Walk the whole way through the provider; the answer of our callback."""
    client = client or Client()
    there = client.get(f"/accounts/sso/{door.key}/login/")
    assert there.status_code == 302, there.content.decode()
    back = requests.get(there.headers["Location"], allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["Location"])
    answer = client.get(f"{parts.path}?{parts.query}")
    answer.browser = client
    return answer
