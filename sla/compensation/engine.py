"""What is owed, from dates alone: pure, explained line by line, checked against the published vectors (P01 to P07).

Days are local calendar days. The rate is the one in force on the day the case began (R29): when the fault was reported,
the day that was promised, the day of the visit. Money is a Decimal with two places.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DAY = timedelta(days=1)
NOTICE = timedelta(hours=24)  # a visit called off with less is a missed one
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Rate:
    """An amount and from when it holds."""

    effective_from: date
    amount: Decimal
    source: str = ""


@dataclass(frozen=True)
class Exclusion:
    """Days, both ends included, that do not count, and why. `decided`: ours, or accepted by us; else only claimed."""

    first: date
    last: date
    why: str
    decided: bool = True


@dataclass(frozen=True)
class Owed:
    """The result. `lines` say how it came about, in the customer's words."""

    total: Decimal
    days: int = 0
    rate: Rate | None = None
    lines: list[str] = field(default_factory=list)


def rate_on(rates: Iterable[Rate], day: date) -> Rate | None:
    """The rate in force on a day; None before the first."""
    return max((one for one in rates if one.effective_from <= day), key=lambda one: one.effective_from, default=None)


def delayed_repair(
    *, raised: date, due: date, end: date, over: bool, rates: Sequence[Rate], exclusions: Sequence[Exclusion] = ()
) -> Owed:
    """Total loss not put right by the end of the second full working day (`due`) after it was reported.

    Then each calendar day; the day on which it works again (`end`) does not count. `over`: whether it works again.
    """
    free = _("You told us on %(told)s. The first two full working days, until the end of %(due)s, do not count.")
    first = free % {"told": said(raised), "due": said(due)}
    return _by_day(due + DAY, end, over, rate_on(rates, raised), exclusions, [first], _("when you told us"))


def delayed_start(
    *, promised: date, end: date, over: bool, rates: Sequence[Rate], exclusions: Sequence[Exclusion] = ()
) -> Owed:
    """Each calendar day from the promised one on, without the day on which the service starts (`end`)."""
    first = _("Your service was promised for %s: from that day on each day counts.") % said(promised)
    return _by_day(promised, end, over, rate_on(rates, promised), exclusions, [first], _("on the promised day"))


def missed_visit(*, visit: datetime, called_off: datetime | None, rates: Sequence[Rate]) -> Owed:
    """Nobody came, or it was called off with less than 24 hours' notice. `visit` and `called_off` in one zone."""
    if called_off is not None and visit - called_off >= NOTICE:
        return Owed(NOTHING, lines=[_("It was called off at least 24 hours before: nothing is due for that.")])
    rate = rate_on(rates, visit.date())
    day = said(visit.date())
    said_why = (
        _("The engineer did not come on %s.") % day
        if called_off is None
        else _("The visit of %s was called off with less than 24 hours' notice.") % day
    )
    if rate is None:
        return Owed(NOTHING, lines=[said_why, _("No rate was in force on that day.")])
    line = _("The rate in force on that day: %s.") % money(rate.amount)
    return Owed(rate.amount, 1, rate, [said_why, line])


def _by_day(
    first: date, end: date, over: bool, rate: Rate | None, exclusions: Sequence[Exclusion], lines: list[str], when: str
) -> Owed:
    late = [first + DAY * number for number in range(max((end - first).days, 0))]
    if not late:
        return Owed(NOTHING, 0, rate, [*lines, _in_time(over)])
    out = {day: one.why for one in exclusions if one.decided for day in late if one.first <= day <= one.last}
    counted = [day for day in late if day not in out]
    lines = [*lines, _span_words(late, over), *_excluded(out), *_claimed(exclusions, late)]
    if rate is None:
        return Owed(NOTHING, len(counted), None, [*lines, _("No rate was in force then.")])
    total = (rate.amount * len(counted)).quantize(Decimal("0.01"))
    each = _("The rate in force %(when)s: %(rate)s a day.") % {"when": when, "rate": money(rate.amount)}
    return Owed(total, len(counted), rate, [*lines, each, f"{len(counted)} × {money(rate.amount)} = {money(total)}"])


def _in_time(over: bool) -> str:
    return _("It was done in time: nothing is due.") if over else _("That is not over yet: nothing is due so far.")


def _span_words(late: list[date], over: bool) -> str:
    days = _days(len(late))
    if len(late) == 1:
        found = _("%(first)s was late: %(days)s.")
    else:
        found = _("From %(first)s to %(last)s it was late: %(days)s.")
    text = found % {"first": said(late[0]), "last": said(late[-1]), "days": days}
    return text if over else text + " " + _("It is not over yet, so each further day counts too.")


def _excluded(out: dict[date, str]) -> list[str]:
    """One line a run of days with the same reason."""
    lines, run = [], []  # type: ignore[var-annotated]
    for day in [*sorted(out), None]:
        if run and (day is None or day - run[-1] != DAY or out[day] != out[run[-1]]):
            words = _("Not counted: %(first)s to %(last)s, %(days)s. %(why)s")
            given = {"first": said(run[0]), "last": said(run[-1]), "days": _days(len(run)), "why": out[run[-1]]}
            lines.append((words if len(run) > 1 else _("Not counted: %(first)s. %(why)s")) % given)
            run = []
        if day is not None:
            run.append(day)
    return lines


def _claimed(exclusions: Sequence[Exclusion], late: list[date]) -> list[str]:
    """What the network claims and we have not decided: counted for the customer until then."""
    open_ = [one for one in exclusions if not one.decided and one.first <= late[-1] and one.last >= late[0]]
    words = _("The network says: “%s”. We have not decided that yet; until then these days count.")
    return [words % one.why for one in open_]


def _days(count: int) -> str:
    return ngettext("%d day", "%d days", count) % count


def said(day: date) -> str:
    """`Monday 1 June 2026`."""
    return str(date_format(day, "l j F Y"))


def money(amount: Decimal) -> str:
    """`£10.34`."""
    return f"£{amount:,.2f}"
