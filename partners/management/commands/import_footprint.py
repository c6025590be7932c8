"""`manage.py import_footprint FILE --operator CODE`: publish an operator's coverage from a file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ofx.core.clock import now
from partners.coverage.columns import BY_KEY, guess
from partners.coverage.importer import ImportFailed, Loader, Progress, Source
from partners.coverage.normalise import BadPlace, country_code
from partners.coverage.progress import Progress as Line
from partners.coverage.reading import ReadError, open_table
from partners.models import Operator


class Command(BaseCommand):
    """Columns are found by name; --map and --set say what is not."""

    help = "Publish an operator's footprint from a CSV or XLSX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """File, operator, columns."""
        parser.add_argument("file")
        parser.add_argument("--operator", required=True, help="code of the operator")
        parser.add_argument("--country", default="", help="two letters; the operator's if not given")
        parser.add_argument("--map", action="append", default=[], metavar="OUR=THEIRS", dest="columns")
        parser.add_argument("--set", action="append", default=[], metavar="OUR=VALUE", dest="constants")
        parser.add_argument("--synthetic", action="store_true", help="mark the footprint as invented")

    def handle(self, *args: Any, file: str, operator: str, country: str, **options: Any) -> None:
        """Load and publish, or say why not."""
        seller = Operator.objects.filter(code=operator).first()
        if seller is None:
            raise CommandError(f"There is no operator with the code {operator}.")
        try:
            source = Source(
                path=Path(file),
                name=Path(file).name,
                mapping=mapping_of(Path(file), options["columns"], options["constants"]),
                country=country_code(country or seller.country),
                synthetic=options["synthetic"] or seller.provenance != "real",
            )
            result = load(source, lambda provider: seller)
        except (ImportFailed, ReadError, BadPlace, OSError) as error:
            raise CommandError(str(error)) from error
        version = result.footprints[0]
        self.stdout.write(
            f"{seller}: version {version.number} in force, {result.rows:,} rows, {result.rejected:,} rejected"
        )


def mapping_of(path: Path, columns: list[str], constants: list[str]) -> dict[str, str]:
    """Guessed by name, then as told. Raises CommandError for what is no OUR=THEIRS."""
    with open_table(path) as table:
        mapping = guess(table.header)
    for text, prefix in [*((text, "") for text in columns), *((text, "=") for text in constants)]:
        ours, equals, theirs = text.partition("=")
        if not equals or ours not in BY_KEY:
            raise CommandError(f"“{text}” is not OUR=THEIRS. Ours are: {', '.join(BY_KEY)}.")
        mapping[ours] = prefix + theirs
    return {ours: theirs for ours, theirs in mapping.items() if theirs}


def load(source: Source, operator_for: Any) -> Any:
    """Run the importer with a line that counts."""
    line = Line(source.name, stream=sys.stdout)

    def report(progress: Progress) -> None:
        line.to(progress.rows + progress.rejected)

    result = Loader(source, operator_for, clock=now, actor=None, report=report).run()
    line.finish()
    return result
