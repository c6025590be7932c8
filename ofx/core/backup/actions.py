"""Back an installation up, and put a backup in its place."""

import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from ofx.core import secrets
from ofx.core.backup import archive, database
from ofx.core.backup.archive import BackupError

KEY_CHECK = "the keys of this installation"


def back_up(*, target: Path, at: datetime) -> dict[str, Any]:
    """Write database and media of one moment to one file. Returns its manifest. Raises BackupError."""
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent}.")
    with database.running(), tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        dump = Path(folder) / archive.DUMP
        rows = database.dump(dump)
        about = {
            "made_at": at.isoformat(),
            "rows": rows,
            "migrations": _migrations(),
            "key_check": secrets.encrypt(KEY_CHECK),
        }
        return archive.write(target, dump, Path(settings.MEDIA_ROOT), about)


def restore(*, source: Path, replace: bool = False, other_key: bool = False) -> dict[str, Any]:
    """Put a backup in the place of this installation's data: all of it, or nothing where anything is wrong.

    `replace`: although there is data here. `other_key`: although our keys open none of its partner secrets.
    Raises BackupError.
    """
    media = Path(settings.MEDIA_ROOT)
    media.parent.mkdir(parents=True, exist_ok=True)
    with database.running(), tempfile.TemporaryDirectory(dir=media.parent, prefix=".restore-") as made:
        folder = Path(made)
        manifest = archive.unpack(source, folder)
        _check(manifest, other_key=other_key)
        empty = database.is_empty() and not _files(media)
        if not empty and not replace:
            raise BackupError("There is data here already. Give --replace to put the backup in its place.")
        with database.replaced(folder / archive.DUMP, manifest["rows"]):
            _swap(folder, media)
        return manifest


def _check(manifest: dict[str, Any], *, other_key: bool) -> None:
    if newer := sorted(set(manifest["migrations"]) - set(_migrations())):
        raise BackupError(f"The backup was made by a newer version: {newer[-1]} is not known here. Nothing was done.")
    try:
        opened = secrets.decrypt(manifest["key_check"]) == KEY_CHECK
    except ValueError:
        opened = False
    if not opened and not other_key:
        raise BackupError(
            "The keys here (OFX_FIELD_KEYS, OFX_SECRET_KEY or the file secret_key) do not open the partner secrets of "
            "this backup. Set those of the installation that made it, or give --other-key and enter every partner's "
            "credentials anew. Nothing was done."
        )


def _migrations() -> list[str]:
    """Every migration that this version of the product knows."""
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return sorted(f"{app}.{name}" for app, name in found)


def _files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


def _swap(folder: Path, media: Path) -> None:
    """Exchange the files at once; the old ones come back where that fails."""
    fresh, old = folder / archive.MEDIA, folder / "media.before"
    fresh.mkdir(exist_ok=True)
    if media.exists():
        media.rename(old)
    try:
        fresh.rename(media)
    except OSError:
        if old.exists():
            shutil.rmtree(media, ignore_errors=True)
            old.rename(media)
        raise
