"""`manage.py evaluate_matching FILE…`: how well known errors are found. The format is in docs/known_errors.md."""

import csv
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ofx.core.clock import now
from ticketing.known_errors import embedding, scoring, tuning
from ticketing.known_errors.evaluation import Answers, BadFile, ask_all, evaluate, measure_complaints, read
from ticketing.known_errors.scoring import Weights

COMPANY = "Comcast Xfinity"  # whom the complaints are about: the words of a tenant's name say nothing of a fault


class Command(BaseCommand):
    """Prints a table; the database stays as it was."""

    help = "Measures known-error matching on JSONL files of articles and queries; without a file on OFX_DATA's FAQ."

    def add_arguments(self, parser: CommandParser) -> None:
        """The files, how much to measure, and the complaints."""
        parser.add_argument("file", nargs="*", type=Path, help="JSONL of articles and queries")
        parser.add_argument("--complaints", type=Path, metavar="LABELS", help="CSV of id and label: measure candidates")
        parser.add_argument("--tune", action="store_true", help="print the weights that are best on half the queries")

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
        tune, held_back = tuning.halves(sample.queries)
        answers = ask_all(sample, at=now(), meaning=embedding.available())
        without, having = self._weights(answers, tune if options["tune"] else [])
        print(f"held back: {len(held_back)} queries that no weight was tuned on, half of each article's")
        table = evaluate(sample, answers, held_back=held_back, without=without, having=having)
        columns = list(next(iter(table.values())))
        print(f"{'':32}" + "".join(f"{name:>10}" for name in columns))
        for name, row in table.items():
            print(f"{name:32}" + "".join(f"{row[column]:>10.3f}" for column in columns))

    def _weights(self, answers: Answers, tune: list[int]) -> tuple[Weights, Weights]:
        """The product's weights, or those that are best on the queries to tune on; printed either way."""
        without, having = scoring.WITHOUT_MEANING, scoring.WITH_MEANING
        if tune:
            print(f"chosen on {len(tune)} queries, by MRR and AUROC:")
            without = tuning.choose([answers.by_words[one] for one in tune], meaning=False)
            if answers.by_meaning:
                having = tuning.choose([answers.by_meaning[one] for one in tune], meaning=True)
        print(f"without embedding {without}\nwith embedding    {having}")
        return without, having

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
        print(f"{len(rows)} complaints, {len(known)} labelled by hand; B-cubed on the labelled ones")
        table = measure_complaints(rows, known, owner=COMPANY, at=now())
        for name, (precision, recall, score) in table.items():
            print(f"{name:40} precision {precision:.3f}  recall {recall:.3f}  F1 {score:.3f}")
