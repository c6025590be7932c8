"""Add rates of compensation from a CSV file: event, effective_from, amount, source."""

import argparse
import csv
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ofx.core.clock import now
from sla.compensation.actions import RateInvalid, load_rates


class Command(BaseCommand):
    """`manage.py load_compensation_rates FILE.csv`."""

    help = __doc__ or ""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, check, add."""
        try:
            with options["file"].open(newline="", encoding="utf-8") as file:
                rows = [self._row(row) for row in csv.DictReader(file)]
            fresh = load_rates(rows=rows, read_on=now().date())
        except (OSError, RateInvalid) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{fresh} new rates, {len(rows) - fresh} known already")

    def _row(self, row: dict[str, str]) -> tuple[str, date, Decimal, str]:
        try:
            day, amount = date.fromisoformat(row["effective_from"]), Decimal(row["amount"])
            return row["event"], day, amount, row["source"]
        except (KeyError, ValueError, InvalidOperation) as error:
            wanted = "event, effective_from (2026-04-01), amount (10.34), source"
            raise CommandError(f"Wanted in each row: {wanted}. Not so: {row}") from error
