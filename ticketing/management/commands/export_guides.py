"""`manage.py export_guides FOLDER [SLUG…]`: the guides in force as files that load_guides reads."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ticketing.guides.actions.files import as_file
from ticketing.guides.models import Guide


class Command(BaseCommand):
    """One file a guide."""

    help = "Writes the guides in force as JSON files, those for all or those of one service provider."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, which, and whose."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("slugs", nargs="*", metavar="SLUG")
        parser.add_argument("--provider", default="", help="slug of a service provider; without it: those for all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them."""
        owner = options["provider"]
        rows = Guide.objects.filter(organisation__slug=owner) if owner else Guide.objects.filter(organisation=None)
        rows = rows.filter(slug__in=options["slugs"]) if options["slugs"] else rows
        folder: Path = options["folder"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            written = [_write(folder, guide) for guide in rows.order_by("slug")]
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}.") from error
        print(f"{sum(written)} guides written to {folder}.")


def _write(folder: Path, guide: Guide) -> bool:
    given = as_file(guide=guide)
    if given is None:
        return False
    text = json.dumps(given, indent=2, ensure_ascii=False) + "\n"
    (folder / f"{guide.slug}.json").write_text(text, encoding="utf-8")
    return True
