"""Puts the sandbox together and runs it: HTTP, SMTP, and a courier for each partner."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox import mail
from sandbox.app import Application
from sandbox.care.courier import CareCourier
from sandbox.care.open import fault_desk
from sandbox.config import Config, config_path, load
from sandbox.courier import Carrier, Courier
from sandbox.desk import Desk
from sandbox.house import House

LOCK_SECONDS = 2.0


class QuietHandler(WSGIRequestHandler):
    """No line per request: the journal has them. No delayed acknowledgements between header and body."""

    disable_nagle_algorithm = True
    timeout = 60  # an idle connection is closed

    def log(self, type: str, message: str, *args: Any) -> None:
        """Only errors are worth a line."""
        if type == "error":
            sys.stderr.write(f"sandbox: {message % args if args else message}\n")


class Sandbox:
    """The running whole."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.stopping = threading.Event()
        self.desks = {partner.id: Desk(config, partner) for partner in config.partners}
        self.houses: dict[str, House] = {**self.desks, **{row.id: House(config, row) for row in config.systems}}
        self.cares = {name: fault_desk(house) for name, house in self.houses.items()}
        self.couriers: list[Carrier] = [Courier(desk, self.stopping) for desk in self.desks.values()]
        self.couriers += [CareCourier(care, self.stopping) for care in self.cares.values() if care.kinds]
        by_mail = [(desk, self.cares[name]) for name, desk in self.desks.items() if desk.partner.kind == "email"]
        self.smtp = mail.controller(config, by_mail)
        self.http = self._http()

    def _http(self) -> BaseWSGIServer:
        application = Application(self.config, self.desks, self.cares, self.stopping)
        return make_server(self.config.host, self.config.port, application, threaded=True, request_handler=QuietHandler)

    def run(self) -> None:
        """Serve until stopped; the SMTP server runs already."""
        for courier in self.couriers:
            courier.start()
        try:
            self.http.serve_forever(poll_interval=0.2)
        finally:
            self._end()

    def stop(self, *_: object) -> None:
        """End soon; safe in a signal handler."""
        self.stopping.set()
        threading.Thread(target=self.http.shutdown, daemon=True).start()

    def _end(self) -> None:
        self.stopping.set()
        for house in self.houses.values():
            house.wake.set()
            house.care_wake.set()
        for courier in self.couriers:
            courier.join(5)
        self.smtp.stop()
        self.http.server_close()
        for house in self.houses.values():
            house.store.close()


def default_home() -> Path:
    """OFX_HOME, else `.ofx` in the working directory."""
    return Path(os.environ.get("OFX_HOME", "").strip() or ".ofx").absolute()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of both commands that start the sandbox."""
    parser.add_argument("--home", type=Path, default=None, help="folder of all data (OFX_HOME)")
    parser.add_argument("--init", action="store_true", help="only write the configuration, then end")


def _lock(home: Path) -> int:
    """Keep every other sandbox off this home until the process ends; SystemExit if one is there."""
    handle = os.open(home / "sandbox" / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise SystemExit(f"Another sandbox serves {home}: stop it, or set another OFX_HOME.") from None
            time.sleep(0.1)
        else:
            return handle


def _probe(config: Config) -> None:
    """OSError at once if the SMTP port is taken; the SMTP server would tell it only after its own time-out."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((config.host, config.smtp_port))


def _serve(config: Config) -> None:
    try:
        _probe(config)
        sandbox = Sandbox(config)
        sandbox.smtp.start()
    except OSError as problem:
        raise SystemExit(f"The sandbox cannot start on port {config.smtp_port}: {problem}") from None
    signal.signal(signal.SIGTERM, sandbox.stop)
    signal.signal(signal.SIGINT, sandbox.stop)
    names = ", ".join(partner.name for partner in config.partners)
    print(f"Simulated partners on {config.url} (SMTP {config.smtp_port}): {names}", flush=True)  # noqa: T201
    sandbox.run()


def main(home: Path | None = None, *, init: bool = False) -> None:
    """Run the sandbox of that home until SIGTERM or Ctrl-C; with `init` only write its configuration.

    SystemExit with a plain sentence if the configuration, a port or the home cannot be used.
    """
    try:
        config = load(home or default_home())
    except ValueError as problem:
        raise SystemExit(str(problem)) from None
    if init:
        print(config_path(config.home))  # noqa: T201
        return
    handle = _lock(config.home)
    try:
        _serve(config)
    finally:
        os.close(handle)
