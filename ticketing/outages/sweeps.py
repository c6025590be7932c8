"""Due work of outages, found in rows: each its own function, so that one that fails holds up no other."""

from django.conf import settings

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ticketing.outages import clearing, maildir, planned, proposing, running, telling
from ticketing.outages.vocabulary import CLOSE_AFTER_HOURS


@sweep("outages")
def jobs() -> int:
    """Finding, telling, clearing and opening again that wait, or whose worker died."""
    return running.work_due(now)


@sweep("outages")
def proposals() -> int:
    """New faults and failed tests that share a key beyond chance."""
    return proposing.look(at=now())


@sweep("outages")
def retests() -> int:
    """Start the tests that are due, at the rate that partners bear."""
    return clearing.start_due(at=now(), seconds=settings.SWEEPS["outages"])


@sweep("outages")
def unanswered() -> int:
    """Tests that nobody answers: a person decides."""
    return clearing.give_up_waiting(at=now())


@sweep("outages")
def settled() -> int:
    """Nobody is under test any more."""
    return clearing.settle_due(at=now())


@sweep("outages")
def receipts() -> int:
    """What the mail queue did."""
    return telling.note_what_was_sent()


@sweep("outages")
def notices() -> int:
    """Notices of works in the mailbox."""
    return maildir.read_new(at=now())


@sweep("outages")
def windows() -> int:
    """Planned works whose window is over."""
    return planned.end_windows(at=now())


@sweep("outages")
def usual() -> int:
    """Quiet signals become part of what is usual."""
    return proposing.learn(at=now())


@sweep("outages")
def endings() -> int:
    """Cleared for so long and nobody still down."""
    return clearing.close_due(at=now(), hours=CLOSE_AFTER_HOURS)
