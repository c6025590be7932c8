"""`manage.py demo_data`: fill an empty installation with an invented world on real postcodes."""

import sys
import time
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from datetime import time as clock_time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ofx.core.clock import now
from ofx.portal import demo


class Command(BaseCommand):
    """Runs every step; what is there already is left alone."""

    help = "Load the demonstration world: organisations, people, operators, coverage, orders."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Seed, scale, day, and which steps."""
        parser.add_argument("--seed", type=int, default=7, help="another seed, another world (default 7)")
        parser.add_argument("--scale", choices=["small", "full"], default=settings.DEMO_SCALE)
        parser.add_argument("--today", type=date.fromisoformat, help="the day that histories lead up to")
        parser.add_argument("--only", action="append", choices=demo.STEPS, help="run only this step; repeatable")

    def handle(self, *args: Any, seed: int, scale: str, today: date | None, **options: Any) -> None:
        """Run the steps, one line each."""
        at = datetime.combine(today, clock_time(12), UTC) if today else now()
        given = demo.Demo(seed=seed, scale=scale, at=at, out=sys.stdout)
        started = time.monotonic()
        for name, step in zip(demo.STEPS, demo.steps(), strict=True):
            if options["only"] and name not in options["only"]:
                continue
            begun = time.monotonic()
            try:
                made = step.run(given)
            except demo.DemoError as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"  {step.LABEL}: {made}, {time.monotonic() - begun:.1f} s")
            self.stdout.flush()
        self.stdout.write(f"  Demonstration data in {time.monotonic() - started:.1f} s")
