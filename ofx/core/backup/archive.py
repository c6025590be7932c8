"""The archive: a tar of `database.dump`, `media/…` and, last, `manifest.json` with a checksum for each."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

DUMP, MEDIA, MANIFEST = "database.dump", "media", "manifest.json"
FORMAT = 1
_CHUNK = 1024 * 1024


class BackupError(RuntimeError):
    """A backup or restore that did not happen; the text says why and what to do."""


class _Hashing(io.RawIOBase):
    """Passes on what is read, and knows its checksum and size."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.sum, self.size = stream, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self.stream.read(size)
        self.sum.update(data)
        self.size += len(data)
        return data


def write(target: Path, dump: Path, media: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write the archive to a file beside, then rename it into place. Returns the manifest."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
                files = {name: _add(tar, name, path) for name, path in _members(dump, media)}
                manifest = {"format": FORMAT, **about, "files": {name: row for name, row in files.items() if row}}
                _add_bytes(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _members(dump: Path, media: Path) -> Iterator[tuple[str, Path]]:
    yield DUMP, dump
    for path in sorted(media.rglob("*")) if media.is_dir() else []:
        if path.is_file() and not path.is_symlink():
            yield f"{MEDIA}/{path.relative_to(media).as_posix()}", path


def _add(tar: tarfile.TarFile, name: str, path: Path) -> dict[str, Any] | None:
    """One file; None where it was removed since it was listed."""
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return None
    with stream:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = os.fstat(stream.fileno()).st_size, 0o600
        hashing = _Hashing(stream)
        tar.addfile(entry, hashing)
        return {"bytes": hashing.size, "sha256": hashing.sum.hexdigest()}


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack into an empty folder of ours and check every file. Returns the manifest. Raises BackupError."""
    try:
        with tarfile.open(source, "r:") as tar:
            found = {entry.name: _take(tar, entry, folder) for entry in tar}
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{source} cannot be read as a backup: {error}") from error
    manifest = _manifest(folder / MANIFEST, source)
    found.pop(MANIFEST)
    wanted = {name: row["sha256"] for name, row in manifest["files"].items()}
    if damaged := sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)):
        raise BackupError(f"{source} is damaged: {', '.join(damaged[:5])} is not what was backed up. Nothing was done.")
    return manifest


def _take(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> str:
    """Write one member below the folder; its checksum."""
    parts = PurePosixPath(entry.name).parts
    ours = entry.name in (DUMP, MANIFEST) or (parts[0] == MEDIA and len(parts) > 1)
    if not entry.isreg() or not ours or ".." in parts:
        raise BackupError(f"{entry.name!r} has no place in a backup. Nothing was done.")
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    stream = tar.extractfile(entry)
    assert stream is not None
    checksum = hashlib.sha256()
    with target.open("wb") as out:
        while data := stream.read(_CHUNK):
            checksum.update(data)
            out.write(data)
    return checksum.hexdigest()


def _manifest(path: Path, source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(path.read_bytes())
        known = manifest["format"] == FORMAT and isinstance(manifest["files"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise BackupError(f"{source} holds no manifest that this version reads: it was cut short, or is no backup.")
    return manifest
