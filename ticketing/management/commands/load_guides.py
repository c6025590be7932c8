"""`manage.py load_guides FILE…`: guides from files; without one, those that come with the product."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ofx.core.clock import now
from ofx.core.models import Organisation
from ticketing.guides.actions import load_shipped
from ticketing.guides.actions.files import GuideFileInvalid, load_files


class Command(BaseCommand):
    """Puts guides in force, all or none; may run again."""

    help = "Loads guides from JSON files (export_guides writes them), for one service provider or for all."

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE… and for whom."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--provider", default="", help="slug of a service provider; without it: for all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, check and put in force."""
        if not options["files"]:
            print(f"{load_shipped(at=now())} guides that come with the product loaded.")
            return
        owner = _provider(options["provider"])
        try:
            given = [one for file in options["files"] for one in _read(file)]
            changed = load_files(files=given, organisation=owner, actor=None, at=now())
        except GuideFileInvalid as error:
            raise CommandError("Nothing was loaded.\n" + "\n".join(error.problems)) from error
        for guide in changed:
            print(f"{guide.slug}: in force.")
        print(f"{len(changed)} of {len(given)} guides changed.")


def _provider(slug: str) -> Organisation | None:
    if not slug:
        return None
    found = Organisation.objects.filter(kind="service_provider", slug=slug).first()
    if found is None:
        raise CommandError(f"There is no service provider {slug}.")
    return found


def _read(file: Path) -> list[Any]:
    """The guides of a file: one, or a list."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{file} is not JSON: {error}.") from error
    return found if isinstance(found, list) else [found]
