"""Measure outage detection on a simulated estate: `manage.py simulate_outages [--seed 7] [--svg FILE]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ticketing.outages.detection import Settings
from ticketing.outages.drawing import chart
from ticketing.outages.simulation import Measured, Rates, build, measure

ALPHAS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
LEAST = (3, 4, 5, 6)
HEAD = f"{'N':>2} {'chance':>8} {'false/week':>11} {'median min':>11} {'p90 min':>8} {'found':>6} {'right key':>9}"


class Command(BaseCommand):
    """The stated rates, then a line for each threshold; the product's own setting is marked."""

    help = "Measure outage detection by simulation: false alarms a week and minutes to detection, by threshold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Seed, size and where to draw the chart."""
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--services", type=int, default=Rates.services)
        parser.add_argument("--signals-a-year", type=float, default=Rates.signals_a_year, help="of one service")
        parser.add_argument("--weeks", type=int, default=Rates.quiet_weeks, help="quiet weeks that are judged")
        parser.add_argument("--outages", type=int, default=Rates.outages)
        parser.add_argument("--svg", default="", help="write the trade-off as a chart to this file")
        parser.add_argument("--only-product", action="store_true", help="measure the product's own setting only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the world once, judge it by every rule."""
        rates = Rates(
            services=options["services"],
            signals_a_year=options["signals_a_year"],
            quiet_weeks=options["weeks"],
            outages=options["outages"],
        )
        self.stdout.write("Assumed: " + ", ".join(f"{name}={value}" for name, value in vars(rates).items()))
        world = build(rates, options["seed"])
        self.stdout.write(f"Seed {options['seed']}, {len(world.quiet):,} quiet signals, T {self._window():g} min")
        self.stdout.write(HEAD)
        own = (settings.OUTAGE_LEAST, settings.OUTAGE_ALPHA)
        pairs = [own] if options["only_product"] else sorted({(n, a) for n in LEAST for a in ALPHAS} | {own})
        rows = []
        for least, alpha in pairs:
            row = measure(world, Settings(least, self._window(), alpha))
            rows.append(row)
            self.stdout.write(line(row) + ("  <- the product's setting" if (least, alpha) == own else ""))
        if options["svg"]:
            Path(options["svg"]).write_text(chart(rows, own), encoding="utf-8")
            self.stdout.write(f"Chart: {options['svg']}")

    def _window(self) -> float:
        return float(settings.OUTAGE_MINUTES)


def line(row: Measured) -> str:
    """One threshold as a line of the table."""
    return (
        f"{row.least:>2} {row.alpha:>8.0e} {row.false_a_week:>11.2f} {row.median_minutes:>11.1f} "
        f"{row.p90_minutes:>8.1f} {row.found_share:>6.0%} {row.right_key_share:>9.0%}"
    )
