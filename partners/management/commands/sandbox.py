"""`manage.py sandbox`: the simulated partners, in this process until it is told to stop."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from sandbox import server


class Command(BaseCommand):
    """Thin: the program is sandbox.server."""

    help = "Run the simulated partner operators (docs/sandbox.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """--home and --init."""
        server.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C."""
        server.main(options["home"] or settings.OFX_HOME, init=options["init"])
