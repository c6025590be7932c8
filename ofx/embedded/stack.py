"""The whole product on one machine: what `manage.py up` starts, in order, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ofx.embedded import lock, paths, process, terminal
from ofx.embedded.broker import Broker, restore_unacked
from ofx.embedded.postgres import Postgres
from ofx.embedded.supervisor import Program, Supervisor

HEALTH_SECONDS = 90.0
LOGINS = (
    ("alice@example.com", "a service provider: searches and orders"),
    ("bob@example.com", "her colleague, may only read"),
    ("charlie@example.com", "another service provider"),
    ("olga@example.com", "an operator's user"),
    ("cara@example.com", "an end customer"),
    ("admin@example.com", "runs the exchange"),
)


class UpError(RuntimeError):
    """The product cannot start; the text says why and what to do."""


class Stopped(RuntimeError):
    """Somebody asked to stop while it was still starting."""


@dataclass(frozen=True)
class Options:
    """What to start. `broker_url` and `port` come from the settings; None for embedded servers not wanted."""

    home: Path
    port: int
    base_url: str
    broker_url: str
    sandbox_port: int
    password: str
    embedded_database: bool
    embedded_broker: bool
    demo: bool = True
    sandbox: bool = True


@dataclass(frozen=True)
class Questions:
    """What the start must know about the database, answered by whoever knows the product."""

    has_pending_migrations: Callable[[], bool]
    has_no_data: Callable[[], bool]


class Stack:
    """Starts everything, looks after it, stops it. Use it from the main thread of a process of its own."""

    def __init__(self, options: Options, questions: Questions) -> None:
        self.options = options
        self.questions = questions
        self.supervisor = Supervisor(terminal.say)
        self.env = {**os.environ, "PYTHONUNBUFFERED": "1", "OFX_HOME": str(options.home)}
        self.started = time.monotonic()

    def run(self) -> None:
        """Start, stay until a stop is asked for, stop. Raises UpError, StartFailed or AlreadyRunning."""
        with lock.take(self.options.home, self.options.base_url):
            self.check_ports()
            self.supervisor.catch_signals()
            try:
                self.start()
                self.supervisor.run()
            except Stopped:
                pass
            finally:
                self.stop()

    def stop(self) -> None:
        """Stop what runs, saying so."""
        if self.supervisor.children or self.supervisor.stopping:
            terminal.say("\nStopping …")
            self.supervisor.stop()
            terminal.say("Stopped. The data stays in " + str(self.options.home))

    def start(self) -> None:
        """Servers, tables, demo data, then the four programs, then wait for health."""
        terminal.say(f"Starting OFX, data in {self.options.home}")
        self.start_servers()
        if self.questions.has_pending_migrations():
            self.one_shot("Applying migrations", ["migrate", "--verbosity=0", "--no-input"])
        if self.options.demo:
            self.load_demo_data()
        forget_metrics(self.options.home)
        for program in self.programs():
            self.supervisor.start(program)
        self.wait_for_health()
        self.greet()

    def check_ports(self) -> None:
        """Raise UpError, naming the variable to set, where a port of ours is taken."""
        wanted = [("OFX_PORT", self.options.port)]
        if self.options.sandbox:
            wanted.append(("OFX_SANDBOX_PORT", self.options.sandbox_port))
        for name, port in wanted:
            if not port_is_free(port):
                raise UpError(f"Port {port} is in use. Choose another: {name}={port + 1} make run")

    def start_servers(self) -> None:
        """The embedded servers, unless the environment names real ones."""
        if self.options.embedded_database:
            self.step("Database", lambda: self.supervisor.start_ready(Postgres(self.options.home)))
        if self.options.embedded_broker:
            self.step("Broker", lambda: self.supervisor.start_ready(Broker(self.options.home)))

    def step(self, label: str, act: Callable[[], object]) -> None:
        """Run one step that shows no progress of its own. Raises Stopped between steps."""
        progress = terminal.Progress(label)
        act()
        progress.done()
        self.leave_if_stopping()

    def leave_if_stopping(self) -> None:
        """Raise Stopped where somebody asked to stop."""
        if self.supervisor.stopping:
            raise Stopped

    def one_shot(self, label: str, arguments: Sequence[str], *, chatty: bool = False) -> None:
        """Run a management command to its end. Raises UpError where it fails, Stopped where interrupted.

        A chatty command writes to our terminal itself; the others write to a log and we show the seconds.
        """
        log = self.options.home / "log" / f"{arguments[0]}.log"
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        running = self._manage(arguments, None if chatty else log)
        progress = terminal.Progress(label)
        while running.poll() is None:
            if not chatty:
                progress.tick()
            self.supervisor.tick()
            if self.supervisor.stopping:
                process.stop(running, seconds=10)
                raise Stopped
            time.sleep(0.05)
        if running.returncode != 0:
            raise UpError(f"`manage.py {arguments[0]}` failed (all of it in {log}):\n{process.tail(log, 12)}")
        progress.done()

    def _manage(self, arguments: Sequence[str], log: Path | None) -> subprocess.Popen[bytes]:
        return process.spawn(manage(*arguments), log=log, env=self.env, cwd=paths.CHECKOUT)

    def load_demo_data(self) -> None:
        """Load demo data into an empty database; a load that was interrupted is done again."""
        mark = self.options.home / "demo_data.unfinished"
        if not (mark.exists() or self.questions.has_no_data()):
            return
        mark.touch()
        terminal.say("  Loading demo data (the first time only)")
        self.one_shot("Demo data", ["demo_data"], chatty=True)
        mark.unlink()

    def programs(self) -> list[Program]:
        """Web, worker, scheduler and sandbox."""
        before = (lambda: restore_unacked(self.options.broker_url)) if self.options.embedded_broker else None
        chosen = [
            # A web server told to stop while its workers still start may never hear it.
            self.program("web", web_command(self.options.port), patience=10),
            self.program("worker", worker_command(), before=before, patience=60),
            # Without database and broker it would wait for them; it has nothing of its own to finish.
            self.program("scheduler", scheduler_command(), patience=10, death_signal=signal.SIGKILL),
        ]
        sandbox = self.program("sandbox", sandbox_command(), patience=10)
        return [*chosen, sandbox] if self.options.sandbox else chosen

    def program(self, name: str, command: Sequence[str], **habits: Any) -> Program:
        """One supervised program with its log in the home; `habits` are further fields of Program."""
        log = self.options.home / "log" / f"{name}.log"
        return Program(name, command, log, env=self.env, cwd=paths.CHECKOUT, **habits)

    def wait_for_health(self) -> None:
        """Wait until /healthz is green. Raises UpError with what it last said, Stopped where interrupted."""
        progress = terminal.Progress("Web, worker, scheduler")
        until = time.monotonic() + HEALTH_SECONDS
        while (answer := health(self.options)) != "ok":
            self.leave_if_stopping()
            if time.monotonic() > until:
                logs = self.options.home / "log"
                raise UpError(f"Not healthy after {HEALTH_SECONDS:.0f} s: {answer}\nSee the logs in {logs}")
            self.supervisor.tick()
            progress.tick()
            time.sleep(0.1)
        progress.done()

    def greet(self) -> None:
        """Print the address and how to sign in."""
        terminal.say(f"\nOFX runs at {self.options.base_url}  (started in {time.monotonic() - self.started:.0f} s)")
        if self.options.demo:
            terminal.say(f"Sign in with the password {self.options.password} as")
            for email, who in LOGINS:
                terminal.say(f"  {email:<22}{who}")
        if self.options.sandbox:
            terminal.say(f"Simulated partners: http://127.0.0.1:{self.options.sandbox_port}")
        terminal.say(f"Logs: {self.options.home / 'log'}. Ctrl-C stops.")


def forget_metrics(home: Path) -> None:
    """Remove the numbers of web processes that are gone: theirs would be counted for ever."""
    for file in (home / "run" / "metrics").glob("*.db"):
        file.unlink(missing_ok=True)


def manage(*arguments: str) -> list[str]:
    """A management command of ours."""
    return [sys.executable, str(paths.CHECKOUT / "manage.py"), *arguments]


def web_command(port: int) -> list[str]:
    """granian: the respawn flag matters, without it one killed worker stops the server (STACK)."""
    flags = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    habits = ["--blocking-threads", "4", "--respawn-failed-workers", "--no-ws", "--log-level", "warning"]
    return [sys.executable, "-m", "granian", *flags, *habits, "ofx.wsgi:application"]


def worker_command() -> list[str]:
    """The Celery worker: two processes; gossip between workers is of no use to one machine."""
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    return [sys.executable, "-m", "celery", "-A", "ofx.celery", "worker", "--concurrency", "2", *quiet]


def scheduler_command() -> list[str]:
    """Celery beat; the supervisor guards against a second one, so no pid file (a stale one would stop it)."""
    return [sys.executable, "-m", "celery", "-A", "ofx.celery", "beat", "--loglevel", "WARNING", "--pidfile="]


def sandbox_command() -> list[str]:
    """The simulated partners; `manage.py sandbox` is the same with Django's two seconds of start-up."""
    return [sys.executable, "-m", "sandbox"]


def port_is_free(port: int) -> bool:
    """Whether we could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def health(options: Options) -> str:
    """ "ok", or what /healthz says (or why it says nothing)."""
    base = urlsplit(options.base_url)
    headers = {"Host": base.netloc, "X-Forwarded-Proto": base.scheme}
    request = urllib.request.Request(f"http://127.0.0.1:{options.port}/healthz", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return "ok" if answer.status == 200 else f"HTTP {answer.status}"
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code} {error.read(500).decode(errors='replace')}"
    except OSError as error:
        return str(error)
