"""Deflection in a simulated month: `manage.py simulate_guides --month [--cases 300] [--seed 2026]`."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from ofx.core.clock import now
from ticketing.guides import deflection
from ticketing.guides.actions import load_shipped
from ticketing.guides.deflection import Line
from ticketing.guides.simulation import CAUSES, MONTH, Chances, Told, month

MOST = 5000


class Command(BaseCommand):
    """What is assumed, the table with its definition, and what was true."""

    help = "Play a simulated month of faults through the real guides, print the deflection table, keep nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, and from which seed."""
        parser.add_argument("--month", action="store_true", help="28 days of mixed faults (the only period there is)")
        parser.add_argument("--cases", type=int, default=300, help=f"faults that are taken to a guide, 1 to {MOST}")
        parser.add_argument("--seed", type=int, default=2026)

    def handle(self, *args: Any, **options: Any) -> None:
        """One transaction in a scratch tenant, rolled back."""
        if not 1 <= options["cases"] <= MOST:
            raise CommandError(f"--cases must be 1 to {MOST}.")
        self._assumed(options)
        with transaction.atomic():
            load_shipped(at=now())
            told = list(month(at=now(), cases=options["cases"], seed=options["seed"]))
            self._table(told)
            transaction.set_rollback(True)

    def _assumed(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"SIMULATED, not measured. {options['cases']} faults in 28 days, seed {options['seed']}.")
        self.stdout.write("Real causes: " + ", ".join(f"{one.name} {one.share} %" for one in CAUSES))
        self.stdout.write("Assumed: " + ", ".join(f"{name} {value:.0%}" for name, value in vars(Chances()).items()))

    def _table(self, told: list[Told]) -> None:
        """By guide and all together, then what the counting got right."""
        home = told[0].run.organisation
        runs = deflection.counted(organisation=home, since=now() - 2 * MONTH, until=now(), simulated=True)
        lines = [*deflection.by_guide(runs), Line("All guides", deflection.overall(runs))]
        self.stdout.write("\n" + deflection.table(lines))
        self.stdout.write("\n" + deflection.DEFINITION)
        low, high = deflection.PUBLISHED
        self.stdout.write(f"Beside it: the field claims {deflection.CLAIM} %, published are {low}–{high} %.")
        outcomes = Counter((one.run.outcome, one.mended) for one in told)
        sure, all_of = outcomes["confirmed", True], outcomes["confirmed", True] + outcomes["confirmed", False]
        mended = sum(one.mended for one in told)
        self.stdout.write(
            f"True in the simulation: {mended} of {len(told)} mended by the person ({mended / len(told):.0%}); "
            f"{sure} of {all_of} counted as confirmed were."
        )
        self.stdout.write("Nothing was kept.")
