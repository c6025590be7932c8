"""`manage.py load_known_errors`: the records that come with the product, where they are missing."""

from typing import Any

from django.core.management.base import BaseCommand

from ofx.core.clock import now
from ticketing.known_errors.indexing import count_words
from ticketing.known_errors.shipping import load


class Command(BaseCommand):
    """Makes what is missing; may run again."""

    help = "Loads the known errors that come with the product."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and count their words."""
        made = load(at=now())
        count_words()
        print(f"{made} known errors loaded.")
