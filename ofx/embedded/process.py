"""Start a child that dies with us, in a session of its own, and not as a root that PostgreSQL refuses."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
LINUX = sys.platform == "linux"
# Loaded before any fork: a child between fork and exec must not open libraries.
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def enter_user_namespace() -> None:
    """Become user 1000 of a new user namespace while files stay root's. Raises OSError where it is forbidden.

    PostgreSQL refuses root; this needs no account, no chmod and works under a closed home folder.
    """
    if _libc is None or _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not available")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text("1000 0 1")


def user_namespaces_work() -> bool:
    """Whether a child of ours may enter a user namespace (containers often forbid it)."""
    try:
        probe = subprocess.run(["true"], preexec_fn=enter_user_namespace, check=False)  # noqa: S607
    except (OSError, subprocess.SubprocessError):
        return False
    return probe.returncode == 0


def drop_to(uid: int, gid: int) -> Callable[[], None]:
    """A function for the child that gives up root for this account."""

    def drop() -> None:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)

    return drop


def _die_with(parent: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` when our parent dies; leave at once if it is dead already."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def spawn(
    command: Sequence[str],
    *,
    log: Path | None,
    env: Mapping[str, str] | None = None,
    become: Callable[[], None] | None = None,
    death_signal: int = signal.SIGTERM,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command`, its output appended to `log` (None: to our own); call it from the main thread only.

    The kernel ties the death signal to the thread that forked, and forgets it when the uid changes:
    hence `become` (a change of user) runs first.
    """
    parent = os.getpid()

    def prepare() -> None:
        if become is not None:
            become()
        _die_with(parent, death_signal)

    with _output(log) as output:
        return subprocess.Popen(  # noqa: S603
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=prepare,
        )


@contextmanager
def _output(log: Path | None) -> Generator[IO[bytes] | None, None, None]:
    if log is None:
        yield None
        return
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as stream:
        yield stream


def alive(pid: int) -> bool:
    """Whether a process with this id runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False if LINUX else _signalable(pid)
    return state != "Z"


def _signalable(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """The command line of a process, or an empty text where it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a child's whole session; a group that is gone already is no error."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def stop(
    process: subprocess.Popen[bytes],
    *,
    number: int = signal.SIGTERM,
    seconds: float = 20.0,
    tidy: bool = True,
) -> int:
    """Ask a child to stop, wait, then kill it (and with `tidy` its group). Returns its exit code."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if tidy:
        signal_group(process, signal.SIGKILL)
    return process.returncode


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log file, for an error message."""
    try:
        text = log.read_bytes()[-8192:].decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
