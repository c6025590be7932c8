"""Records of Brightwave, of the exchange, and tickets to link them to."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import AT
from ticketing.known_errors import actions, indexing
from ticketing.known_errors.models import KnownError
from ticketing.tickets.models import Ticket


def known_error(owner: Any, title: str, *, publish_to: str | None = "internal", **fields: Any) -> KnownError:
    """A record of an organisation (None: the exchange); approved unless `publish_to` is None."""
    fields.setdefault("workaround", "Restart the box by the wall")
    if publish_to == "public":
        fields = {"customer_title": title, "customer_text": "Restart the box by the wall.", **fields}
    article = KnownError(organisation=owner, title=title, **fields)
    actions.save_known_error(article=article, actor=None, at=AT)
    if publish_to:
        actions.approve(article=article, actor=None, at=AT, publish_to=publish_to)
    return article


def searchable() -> None:
    """What the worker does after records were written."""
    indexing.count_words()
    while indexing.embed_due():
        pass


@pytest.fixture
def ticket(world: Any) -> Callable[..., Ticket]:
    """`ticket(title, **fields)`: a resolved ticket of Brightwave without a record."""
    count = iter(range(1, 10_000))

    def make(title: str, **fields: Any) -> Ticket:
        defaults: dict[str, Any] = {
            "organisation": world.brightwave,
            "reference": f"TT-{next(count):06d}",
            "state": "resolved",
            "created_at": AT,
            "resolved_at": AT,
        }
        return Ticket.objects.create(title=title, **{**defaults, **fields})

    return make
