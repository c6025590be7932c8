"""Due work of guides, found in rows."""

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ticketing.guides import actions


@sweep("guides")
def guides() -> int:
    """Go on after tests, note who has left, judge what is a week old."""
    at = now()
    return actions.settle_tests(at=at) + actions.leave_idle(at=at) + actions.judge_due(at=at)
