"""`manage.py import_addresses FILE --country GB`: addresses with their national ids, from a CSV or XLSX file."""

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from partners.coverage import addresses
from partners.coverage.normalise import BadPlace, country_code
from partners.coverage.progress import Progress
from partners.coverage.reading import ReadError


class Command(BaseCommand):
    """Columns by header: address and postcode, with uprn, lat and lon where the file has them."""

    help = "Load addresses (columns uprn, address, postcode, lat, lon); running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """File, country, and where the rejected rows go."""
        parser.add_argument("file")
        parser.add_argument("--country", default="GB", help="two letters, default GB")
        parser.add_argument("--rejected", help="write the rejected rows with their reasons to this CSV file")

    def handle(self, *args: Any, file: str, country: str, rejected: str | None, **options: Any) -> None:
        """Load, then say how many were taken and why others were not."""
        line = Progress(Path(file).name, stream=sys.stdout)
        try:
            result = addresses.load(Path(file), country_code(country), line.to)
        except (ReadError, BadPlace, OSError) as error:
            raise CommandError(str(error)) from error
        line.finish()
        for number, reason in result.reasons[:20]:
            self.stdout.write(f"  line {number}: {reason}")
        if rejected:
            with Path(rejected).open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows([("line", "reason"), *result.reasons])
        self.stdout.write(
            f"{result.taken:,} addresses, {result.changed:,} new or changed, {result.rejected:,} rejected"
        )
