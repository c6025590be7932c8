"""`manage.py import_offers_us FILE`: real offers of real operators, one footprint for each provider the file names."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from partners.coverage.importer import ImportFailed
from partners.coverage.offers import us_offers
from partners.coverage.reading import ReadError
from partners.management.commands.import_footprint import load


class Command(BaseCommand):
    """The same importer, with an operator made for each provider: real, without agreement, never sent to."""

    help = "Load offers by address (provider, plan, speeds, price) for every provider that the file names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        """Load and publish all, or nothing."""
        try:
            source, operator_for = us_offers(Path(file))
            result = load(source, operator_for)
        except (ImportFailed, ReadError, OSError) as error:
            raise CommandError(str(error)) from error
        for code, rows in result.operators.most_common():
            self.stdout.write(f"  {code}: {rows:,} rows")
        self.stdout.write(f"{len(result.footprints)} operators, {result.rows:,} rows, {result.rejected:,} rejected")
