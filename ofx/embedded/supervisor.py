"""Keep a set of children running: start in order, restart what dies, stop in reverse order.

Every child has a session of its own, so Ctrl-C in the terminal reaches the supervisor alone (STACK).
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ofx.embedded import process

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 20.0
# A child that lived this long has started well: its next death begins a new row of pauses.
SETTLED_SECONDS = 20.0
LOG_BYTES = 10 * 1024 * 1024
TICK = 0.1
# A server may take that long to recover or load its file before the children above it start.
READY_SECONDS = 60.0


class Runner(Protocol):
    """What the supervisor looks after."""

    name: str
    log: Path
    tier: int  # the higher ones stop first; one tier stops at the same time
    patience: float  # seconds to stop in before it is killed
    stop_signal: signal.Signals
    hurry_signal: signal.Signals

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the child's process."""

    def ready(self) -> bool:
        """Whether it does its work."""


@dataclass
class Program:
    """A runner for any command. `before` runs ahead of every start, in the supervisor."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    before: Callable[[], object] | None = None
    tier: int = 2
    patience: float = 60.0
    death_signal: signal.Signals = signal.SIGTERM  # what the kernel sends when the supervisor is killed
    stop_signal: signal.Signals = signal.SIGTERM
    hurry_signal: signal.Signals = signal.SIGKILL

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the command."""
        if self.before is not None:
            self.before()
        return process.spawn(self.command, log=self.log, env=self.env, cwd=self.cwd, death_signal=self.death_signal)

    def ready(self) -> bool:
        """A command is ready as soon as it runs."""
        return True


@dataclass
class Child:
    """A runner with its process and its history of restarts."""

    runner: Runner
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None


class StartFailed(RuntimeError):
    """A child ended while it was being started; the text holds the end of its log."""


class Supervisor:
    """Owns the children from the first start to the last stop. Use it from the main thread only."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Child] = []
        self.signals = 0  # 1 = stop, 2 = hurry, 3 = leave
        self._checked_logs = 0.0

    def catch_signals(self) -> None:
        """Let SIGINT, SIGTERM and SIGHUP ask for the stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.ask_to_stop())

    def ask_to_stop(self) -> None:
        """The first call stops, the second hurries, the third leaves at once."""
        self.signals += 1

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self.signals > 0

    def start(self, runner: Runner) -> Child:
        """Start a child and look after it from now on; it may not be ready yet."""
        child = Child(runner)
        self.children.append(child)
        self._spawn(child)
        return child

    def start_ready(self, runner: Runner, seconds: float = READY_SECONDS) -> Child:
        """Start a child and wait until it does its work. Raises StartFailed where it does not."""
        child = self.start(runner)
        until = time.monotonic() + seconds
        while not runner.ready() and not self.stopping:
            if not child.running or time.monotonic() > until:
                raise StartFailed(f"{runner.name} did not start:\n{process.tail(runner.log)}")
            time.sleep(0.02)
        return child

    def _spawn(self, child: Child) -> None:
        child.started = time.monotonic()
        child.process = child.runner.spawn()

    def tick(self) -> None:
        """Notice deaths, restart what is due, bound the logs; call it about ten times a second."""
        for child in self.children:
            if not child.running:
                self._revive(child)
        if time.monotonic() - self._checked_logs > 10:
            self._checked_logs = time.monotonic()
            for child in self.children:
                bound_log(child.runner.log)

    def _revive(self, child: Child) -> None:
        """Plan the restart of a dead child, or carry it out when its time has come."""
        if child.process is not None:
            self._note_death(child, child.process)
        elif time.monotonic() >= child.due:
            try:
                self._spawn(child)
            except (OSError, RuntimeError) as error:
                self.say(f"{child.runner.name} cannot start: {error}")
                child.deaths += 1
                child.due = time.monotonic() + pause(child.deaths)

    def _note_death(self, child: Child, dead: subprocess.Popen[bytes]) -> None:
        process.signal_group(dead, signal.SIGKILL)  # its own children must not go on without it
        lived = time.monotonic() - child.started
        child.deaths = 1 if lived > SETTLED_SECONDS else child.deaths + 1
        child.process = None
        child.due = time.monotonic() + pause(child.deaths)
        how = f"killed by signal {-dead.returncode}" if dead.returncode < 0 else f"exit code {dead.returncode}"
        self.say(f"{child.runner.name} ended ({how}); starting it again. Log: {child.runner.log}")

    def run(self) -> None:
        """Look after the children until a stop is asked for, then stop them."""
        while not self.stopping:
            self.tick()
            time.sleep(TICK)
        self.stop()

    def stop(self) -> None:
        """Stop all children, tier after tier: programs, then the broker, then the database."""
        for tier in sorted({child.runner.tier for child in self.children}, reverse=True):
            self._stop_tier([child for child in self.children if child.runner.tier == tier])
        self.children.clear()

    def _stop_tier(self, children: list[Child]) -> None:
        """Ask, hurry them at the second signal, kill at the third or when a child's patience is over."""
        running = [(child.runner, child.process) for child in children if child.process is not None]
        told, begun = [0] * len(running), time.monotonic()
        while any(dying.poll() is None for _, dying in running):
            for index, (runner, dying) in enumerate(running):
                late = time.monotonic() - begun > runner.patience
                urgency = 3 if late else min(3, max(1, self.signals))
                if urgency > told[index]:
                    told[index] = urgency
                    _ask(runner, dying, urgency)
            time.sleep(0.02)
        for _, dead in running:
            process.signal_group(dead, signal.SIGKILL)


def _ask(runner: Runner, dying: subprocess.Popen[bytes], urgency: int) -> None:
    """Send what the urgency calls for: 1 = stop, 2 = hurry, 3 = kill."""
    if dying.poll() is None:
        dying.send_signal([runner.stop_signal, runner.hurry_signal, signal.SIGKILL][urgency - 1])


def pause(deaths: int) -> float:
    """Seconds before the next start: at once after the first death, then doubling to 20 s."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** max(0, deaths - 1))


def bound_log(log: Path, most: int = LOG_BYTES) -> None:
    """Keep one older copy and cut the log. Children append, so cutting under them is safe."""
    try:
        if log.stat().st_size <= most:
            return
    except OSError:
        return
    shutil.copyfile(log, log.with_suffix(log.suffix + ".1"))
    with log.open("r+b") as stream:
        stream.truncate(0)
