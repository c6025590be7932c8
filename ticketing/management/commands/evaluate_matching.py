"""`manage.py evaluate_matching FILE…`: how well known errors are found. The format is in docs/known_errors.md."""

import csv
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ofx.core.clock import now
from ticketing.known_errors import embedding
from ticketing.known_errors.evaluation import BadFile, evaluate, measure_complaints, read

COMPANY = ("comcast", "xfinity")  # whom the complaints are about: a name says nothing of the fault


class Command(BaseCommand):
    """Prints a table; the database stays as it was."""

    help = "Measures known-error matching on JSONL files of articles and queries; without a file on OFX_DATA's FAQ."

    def add_arguments(self, parser: CommandParser) -> None:
        """The files, how much to measure, and the complaints."""
        parser.add_argument("file", nargs="*", type=Path, help="JSONL of articles and queries")
        parser.add_argument("--complaints", type=Path, metavar="LABELS", help="CSV of id and label: measure candidates")
        parser.add_argument("--fast", action="store_true", help="leave out each part alone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, measure, print."""
        if options["complaints"]:
            self._complaints(options["complaints"])
            return
        files = options["file"] or self._default()
        try:
            sample = read(*files)
        except (BadFile, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        print(f"{len(sample.articles)} articles, {len(sample.queries)} queries")
        if not embedding.available():
            print(
                "Without embedding: OFX_EMBEDDINGS is 0, or its packages (requirements-nodeps.txt) are not installed."
            )
        table = evaluate(sample, at=now(), meaning=embedding.available(), parts=not options["fast"])
        columns = list(next(iter(table.values())))
        print(f"{'':28}" + "".join(f"{name:>10}" for name in columns))
        for name, row in table.items():
            print(f"{name:28}" + "".join(f"{row[column]:>10.3f}" for column in columns))

    def _default(self) -> list[Path]:
        if settings.OFX_DATA is None:
            raise CommandError("Name a file, or set OFX_DATA to the folder that holds faq_matching.jsonl.")
        return [settings.OFX_DATA / "faq_matching.jsonl"]

    def _complaints(self, labels: Path) -> None:
        if settings.OFX_DATA is None:
            raise CommandError("Set OFX_DATA to the folder that holds broadband_complaints_2015.csv.")
        with (settings.OFX_DATA / "broadband_complaints_2015.csv").open(encoding="utf-8", newline="") as file:
            rows = [(row["Ticket #"], row["Customer Complaint"]) for row in csv.DictReader(file)]
        with labels.open(encoding="utf-8", newline="") as file:
            known = {row["id"]: row["label"] for row in csv.DictReader(file)}
        embed = embedding.embed if embedding.available() else None
        print(f"{len(rows)} complaints, {len(known)} labelled by hand; B-cubed on the labelled ones")
        for name, (precision, recall, score) in measure_complaints(rows, known, embed, COMPANY).items():
            print(f"{name:24} precision {precision:.3f}  recall {recall:.3f}  F1 {score:.3f}")
