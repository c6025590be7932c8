"""`manage.py restore FILE`: a backup in the place of this installation's data."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ofx.core.backup.actions import restore
from ofx.core.backup.archive import BackupError
from ofx.embedded.postgres import PostgresError


class Command(BaseCommand):
    """Verified before anything is touched and after the rows are in; undone where anything differs."""

    help = "Load a file of `manage.py backup`. The product must be stopped; data that is here needs --replace."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from, and what may be lost."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="drop the data that is here")
        parser.add_argument("--other-key", action="store_true", help="although its partner secrets cannot be opened")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Say what was restored."""
        source = file.expanduser().absolute()
        try:
            manifest = restore(source=source, replace=options["replace"], other_key=options["other_key"])
        except (BackupError, PostgresError) as error:
            raise CommandError(str(error)) from None
        rows = sum(count for count, _ in manifest["rows"].values())
        files = len(manifest["files"]) - 1
        self.stdout.write(f"Restored and verified: {rows:,} rows, {files} files, as of {manifest['made_at']}.")
        self.stdout.write(
            "Where this version is newer than the backup, `manage.py up` (or `migrate`) brings it up to date."
        )
