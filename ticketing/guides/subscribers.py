"""What guides learn from tickets: a test that they wait for has ended."""

from ofx.core.clock import now
from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ticketing.guides import actions
from ticketing.guides.models import GuideRun


@on("service_test.completed", "service_test.failed")
def test_ended(event: Event) -> None:
    """Runs that wait for this test go on, whether or not a page is open."""
    number = event.subject.partition(":")[2]
    if not number.isdigit():
        return
    waiting = GuideRun.objects.filter(state="running", steps__test_id=int(number), steps__answered_at=None)
    for run in waiting.distinct():
        actions.settle(run=run, at=now())
