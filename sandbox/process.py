"""A real sandbox process for tests: started on free ports, killed at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

from sandbox.care.open import services
from sandbox.config import Config, load

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 20.0


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """`with Running(home, day_seconds=0.05) as running:` a sandbox in a process of its own.

    `kill()` is SIGKILL, `start()` starts it again with the same home and ports.
    """

    def __init__(
        self,
        home: Path,
        port: int | None = None,
        smtp_port: int | None = None,
        *,
        day_seconds: float = 0.05,
    ) -> None:
        self.home = Path(home).absolute()
        self.port = port or free_port()
        self.smtp_port = smtp_port or free_port()
        self.environ = {
            "OFX_SANDBOX_PORT": str(self.port),
            "OFX_SANDBOX_SMTP_PORT": str(self.smtp_port),
            "OFX_SANDBOX_DAY_SECONDS": str(day_seconds),
        }
        self.environ["OFX_MAILBOX"] = ""  # below the home, whatever the caller's environment says
        self.config: Config = load(self.home, self.environ)
        self.process: subprocess.Popen[bytes] | None = None
        self.http = requests.Session()
        self.http.trust_env = False

    @property
    def url(self) -> str:
        """Root address, without a slash at the end."""
        return self.config.url

    @property
    def mailbox(self) -> Path:
        """The Maildir of Mailtel's answers."""
        return self.config.mailbox(self.config.partner("mailtel"))

    def __enter__(self) -> Running:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.http.close()

    def start(self) -> None:
        """Start the process and wait until it answers; RuntimeError with its log if it does not."""
        log_path = self.home / "sandbox" / "process.log"
        with log_path.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "sandbox", "--home", str(self.home)],
                cwd=ROOT,
                env={**os.environ, **self.environ},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._alive():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the sandbox does not start: {log_path.read_text()[-2000:]}")
            time.sleep(0.03)

    def _alive(self) -> bool:
        try:
            return self.http.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    # what tests ask

    def _admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.config.admin_token}"}

    def _read(self, path: str, query: dict[str, Any]) -> Any:
        response = self.http.get(f"{self.url}/_journal/{path}", params=query, headers=self._admin(), timeout=30)
        response.raise_for_status()
        return response.json()

    def journal(self, partner: str, **query: Any) -> list[dict[str, Any]]:
        """Journal entries of a partner; filters as in docs/sandbox.md."""
        return self._read(partner, query)["entries"]

    def orders(self, partner: str, **query: Any) -> list[dict[str, Any]]:
        """The orders that a partner holds, with their histories."""
        return self._read(f"{partner}/orders", query)

    def control(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """A control call: faults, weights, clock, down."""
        response = self.http.post(f"{self.url}/_control/{name}", json=body, headers=self._admin(), timeout=30)
        response.raise_for_status()
        return response.json()

    def cases(self, name: str, what: str = "tickets", **query: Any) -> list[dict[str, Any]]:
        """The tickets, tests or problems that a partner or a customer's system holds, with their histories."""
        return self._read(f"{name}/{what}", query)

    def care(self, partner: str, api: str, method: str, path: str, **options: Any) -> requests.Response:
        """A call of an API of faults: `api` tmf621, tmf653 or tmf656; `path` as `/troubleTicket`."""
        headers = {"Authorization": f"Bearer {self.config.system(partner).token}", **options.pop("headers", {})}
        url = services(self.url, partner)[api] + path
        return self.http.request(method, url, headers=headers, timeout=options.pop("timeout", 15), **options)

    def api(self, partner: str, method: str, path: str, **options: Any) -> requests.Response:
        """A call of a partner's TMF622 API with its bearer token; `path` as `/productOrder`."""
        headers = {"Authorization": f"Bearer {self.config.partner(partner).token}"}
        headers.update(options.pop("headers", {}))
        url = self.config.base_url(partner) + path
        return self.http.request(method, url, headers=headers, timeout=options.pop("timeout", 15), **options)
