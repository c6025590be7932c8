"""Run the sweeps without a broker: once, or for ever."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from ofx.core import sweeps


class Command(BaseCommand):
    """`manage.py sweep [--loop] [name …]`: the second driver beside the scheduler."""

    help = "Do all due work found in the database; needs no broker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Names of sweeps (default all) and --loop."""
        parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(settings.SWEEPS)}; default all")
        parser.add_argument("--loop", action="store_true", help="repeat at each sweep's interval until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run each due sweep; with --loop until stopped."""
        names = options["names"] or list(settings.SWEEPS)
        unknown = sorted(set(names) - set(sweeps.SWEEPS))
        if unknown:
            self.stderr.write(f"no such sweep: {', '.join(unknown)}; there are {', '.join(sorted(sweeps.SWEEPS))}")
            raise SystemExit(2)
        due = dict.fromkeys(names, 0.0)
        while True:
            for name in names:
                if time.monotonic() >= due[name]:
                    sweeps.run(name)
                    due[name] = time.monotonic() + settings.SWEEPS[name]
            if not options["loop"]:
                return
            time.sleep(0.2)
