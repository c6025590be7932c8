"""`manage.py import_postcodes`: load every postcode of a country; running it again changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError

from partners.coverage import postcodes
from partners.coverage.progress import Progress


class Command(BaseCommand):
    """UK postcodes or US ZIP codes, from the installed package or from an official file."""

    help = "Load every postcode of a country. An OS or ONS file also marks which are live."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--country` and `--source`."""
        parser.add_argument("--country", choices=["GB", "US"], default="GB")
        parser.add_argument("--source", default="package", help="'package', or an OS Code-Point Open or ONS file")

    def handle(self, *args: Any, country: str, source: str, **options: Any) -> None:
        """Read, load, say how many."""
        if source == "package":
            batches = postcodes.gb_from_package() if country == "GB" else postcodes.us_from_package()
        elif country != "GB":
            raise CommandError("Only UK postcodes are read from a file; US ZIP codes come from the package.")
        elif not Path(source).is_file():
            raise CommandError(f"There is no file {source}.")
        else:
            batches = postcodes.gb_from_file(Path(source))
        total = postcodes.PACKAGE_ROWS[country] if source == "package" else 0
        progress = Progress(f"{country} postcodes", total, cast(TextIO, self.stdout))
        try:
            changed = postcodes.load(batches, progress.add, distinct=source == "package")
        except postcodes.SourceError as error:
            raise CommandError(str(error)) from error
        progress.finish(f"{progress.done:,} read, {changed:,} new or changed")
