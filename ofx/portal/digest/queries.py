"""What stands in one person's digest."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ofx.core.alerts.models import Alert
from ofx.orders.board import Board, board
from ofx.orders.models import Order
from ofx.portal.work.queries import owned

MOST = 12


@dataclass
class Digest:
    """The person's own orders that need them, the day's commits and slips of their organisation, and unread alerts."""

    board: Board
    waiting: list[Order] = field(default_factory=list)
    due: list[Order] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say."""
        counted = self.board.commits_count + self.board.late_count + self.board.silent_count
        return not (self.waiting or self.due or self.alerts or self.board.slips or counted)


def digest_for(user: Any, at: datetime, today: date) -> Digest:
    """The digest of a person for their own day, in the organisation that they act for."""
    mine = owned(user)
    return Digest(
        board=board(user, at, today),
        waiting=list(mine.filter(holder="us", blocked_since__isnull=False).order_by("blocked_since")[:MOST]),
        due=list(mine.filter(target_date__lte=today + timedelta(days=1)).order_by("target_date")[:MOST]),
        alerts=list(Alert.objects.visible_to(user).filter(read_at=None)[:MOST]),
    )


def headline(found: Digest) -> str:
    """What the subject line says: the most urgent numbers."""
    counts = [
        (len(found.waiting), "waiting for you"),
        (found.board.late_count, "late"),
        (found.board.commits_count, "due today"),
        (len(found.board.slips), "dates moved"),
    ]
    said = [f"{count} {words}" for count, words in counts if count]
    return ", ".join(said) or "news of what you watch"
