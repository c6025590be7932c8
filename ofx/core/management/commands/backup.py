"""`manage.py backup FILE`: the whole installation in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ofx.core.backup.actions import back_up
from ofx.core.backup.archive import BackupError
from ofx.core.clock import now
from ofx.embedded.postgres import PostgresError


class Command(BaseCommand):
    """Database and files of one moment, with checksums. The product may run meanwhile."""

    help = "Write database, attachments and checksums to one file. The secret key is not in it: keep that apart."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Say what was written, and what was not."""
        try:
            manifest = back_up(target=file.expanduser().absolute(), at=now())
        except (BackupError, PostgresError) as error:
            raise CommandError(str(error)) from None
        rows = sum(count for count, _ in manifest["rows"].values())
        size = file.expanduser().stat().st_size / 1e6
        held = f"{rows:,} rows of {len(manifest['rows'])} tables, {len(manifest['files']) - 1} files"
        self.stdout.write(f"{file}: {held}, {size:.1f} MB")
        self.stdout.write(
            "Partner secrets in it stay encrypted. Keep OFX_SECRET_KEY (or the file secret_key) and OFX_FIELD_KEYS "
            "apart from it: without them they are lost."
        )
