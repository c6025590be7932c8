"""Due work of tickets, found in rows."""

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ticketing.tickets import actions, mailbox
from ticketing.tickets.running import run_due


@sweep("tickets")
def unopposed() -> int:
    """Close what nobody objected to."""
    return actions.close_due(at=now())


@sweep("tickets")
def silent() -> int:
    """Tell of partners that fell silent."""
    return actions.mark_silent(at=now())


@sweep("tests")
def tests() -> int:
    """Ask partners for the results of service tests."""
    return run_due(now)


@sweep("mail")
def desk_mail() -> int:
    """Take the mails that customers wrote to our desks."""
    return mailbox.take_due(at=now())
