"""One running installation a home: the lock of `make run`."""

import fcntl
import json
import os
from pathlib import Path
from typing import IO

from ofx.embedded import paths


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this home; the text says which and how to stop it."""


def take(home: Path, address: str) -> IO[str]:
    """Hold `home/run/up.lock` until the returned file is closed. Raises AlreadyRunning.

    The kernel frees the lock with its process, so a killed supervisor leaves none behind.
    """
    stream = (paths.private_folder(home / "run") / "up.lock").open("a+")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.seek(0)
        raise AlreadyRunning(_holder(stream.read(), home)) from None
    stream.seek(0)
    stream.truncate()
    json.dump({"pid": os.getpid(), "address": address}, stream)
    stream.flush()
    return stream


def _holder(text: str, home: Path) -> str:
    try:
        found = json.loads(text)
        pid, address = found["pid"], found["address"]
    except (ValueError, KeyError, TypeError):
        return f"OFX is starting from {home} already."
    return (
        f"OFX already runs at {address} (process {pid}, data in {home}).\n"
        f"Stop it with Ctrl-C in its terminal or `kill {pid}`; for a second one set OFX_HOME and OFX_PORT."
    )
