"""Due work of outages, found in rows."""

from django.conf import settings

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ticketing.outages import clearing, maildir, planned, proposing, running, telling
from ticketing.outages.vocabulary import CLOSE_AFTER_HOURS


@sweep("outages")
def outages() -> int:
    """Jobs, proposals, re-tests, receipts, notices in the mailbox, planned windows that ended, what is usual."""
    at = now()
    done = running.work_due(now) + proposing.look(at=at)
    done += clearing.start_due(at=at, seconds=settings.SWEEPS["outages"])
    done += clearing.give_up_waiting(at=at) + telling.note_what_was_sent()
    done += maildir.read_new(at=at) + planned.end_windows(at=at)
    return done + proposing.learn(at=at) + clearing.close_due(at=at, hours=CLOSE_AFTER_HOURS)
