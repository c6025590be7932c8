"""Where an OFX installation keeps its data, its sockets and its secret."""

import hashlib
import os
import secrets
import stat
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE_NAME = "ofx"
DATABASE_USER = "ofx"
# sun_path holds 108 bytes; PostgreSQL adds a file name of its own behind the folder.
MAX_SOCKET_PATH_BYTES = 100
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


class UnsafeFolder(RuntimeError):
    """A folder that must be ours alone belongs to somebody else, or others may enter it."""


def home() -> Path:
    """The absolute folder of all data: OFX_HOME, else `.ofx` in the checkout. It may not exist yet."""
    configured = os.environ.get("OFX_HOME", "").strip()
    return Path(configured).expanduser().absolute() if configured else CHECKOUT / ".ofx"


def private_folder(folder: Path) -> Path:
    """Make `folder` with mode 0700 and return it; raise UnsafeFolder where it is not ours alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise UnsafeFolder(f"{folder} is not a folder; remove it and start again.")
    # Root may have handed the folder to the account that PostgreSQL runs under.
    if found.st_uid != os.geteuid() and os.geteuid() != 0:
        raise UnsafeFolder(f"{folder} belongs to user id {found.st_uid}, not to you; set OFX_HOME elsewhere.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder


def socket_dir(home: Path) -> Path:
    """The 0700 folder of the unix sockets: `home/run`, or a short one in /tmp where that is too long."""
    wanted = home / "run"
    if len(os.fsencode(wanted / LONGEST_SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES:
        return private_folder(wanted)
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    short = private_folder(Path(f"/tmp/ofx-{os.getuid()}-{digest}"))  # noqa: S108
    if short.lstat().st_uid not in _trusted_owners(home):
        raise UnsafeFolder(f"{short} belongs to another user; remove it or set a shorter OFX_HOME.")
    return short


def _trusted_owners(home: Path) -> set[int]:
    """Ourselves, and the account that owns the database's files (root drops to it)."""
    owners = {os.geteuid()}
    data = home / "postgres"
    if os.geteuid() == 0 and data.exists():
        owners.add(data.lstat().st_uid)
    return owners


def database_url(home: Path) -> str:
    """URL of the embedded database through its unix socket: `postgresql://ofx@/ofx?host=<folder>`."""
    return f"postgresql://{DATABASE_USER}@/{DATABASE_NAME}?host={quote(str(socket_dir(home)), safe='')}"


def broker_socket(home: Path) -> Path:
    """The unix socket of the embedded broker."""
    return socket_dir(home) / "valkey.sock"


def broker_url(home: Path) -> str:
    """URL of the embedded broker for Celery's Redis transport (`redis+socket:///…`)."""
    return f"redis+socket://{quote(str(broker_socket(home)))}"


def secret_key(home: Path) -> str:
    """The installation's secret, made once and then read; safe where several processes start at once."""
    file = home / "secret_key"
    if not file.exists():
        _create_secret(file)
    return file.read_text().strip()


def _create_secret(file: Path) -> None:
    """Write a full file beside and link it into place: readers never see half a secret, the first wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".secret_key.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(50))
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
