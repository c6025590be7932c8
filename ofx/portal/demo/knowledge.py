"""Known errors that come with the product."""

from ofx.portal.demo.base import Demo
from ticketing.known_errors.indexing import count_words
from ticketing.known_errors.models import KnownError
from ticketing.known_errors.shipping import load

LABEL = "Known errors"


def run(demo: Demo) -> str:
    """The exchange's records, approved."""
    load(at=demo.at)
    count_words()
    return f"{KnownError.objects.filter(organisation=None).count()} records"
