"""How a time, a number and a state look, the same on every page (DESIGN, principles 2 to 4)."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ofx.core.clock import now

NOTHING = format_html('<span class="nothing" aria-label="none">{}</span>', "–")
WEEK = timedelta(days=7)
STATE_COLOURS = {"grey", "blue", "green", "amber", "red"}
# The five clock owners of DOMAIN 5 with their fixed words; the colours are in static/css/tokens.css.
OWNERS = {
    "us": "us",
    "partner": "partner",
    "end_customer": "customer",
    "customer": "customer",
    "third_party": "third party",
    "force_majeure": "force majeure",
    "": "nobody",
}
MARKS = {
    "synthetic": ("Synthetic", "Made-up data that looks like the real thing"),
    "simulated": ("Simulated", "Played by the partner sandbox; left out of statistics and promises"),
    "predicted": ("Predicted", "A forecast from history, not a promise"),
}
SIGNS = {"GBP": "£", "USD": "$", "EUR": "€"}


def icon(name: str, size: int = 18, label: str = "") -> SafeString:
    """An icon of the sprite (static/icons.txt); `size` in px. Without a label it is hidden from screen readers."""
    role = format_html('role="img" aria-label="{}"', label) if label else format_html('aria-hidden="{}"', "true")
    href = f"{static('vendor/icons/sprite.svg')}#{name}"
    return format_html('<svg class="icon" width="{0}" height="{0}" {1}><use href="{2}"></use></svg>', size, role, href)


def state_chip(label: str, colour: str = "grey") -> SafeString:
    """A state: a dot and a word. `colour` is one of STATE_COLOURS; anything else is grey."""
    known = colour if colour in STATE_COLOURS else "grey"
    return format_html('<span class="chip chip-{}">{}</span>', known, label)


def state_of(row: Any, field: str = "state") -> SafeString:
    """The chip of a row's field, by `STATE_LOOK` (or `<FIELD>_LOOK`) of its model: {value: (label, colour)}."""
    value = getattr(row, field, "")
    label, colour = getattr(row, f"{field.upper()}_LOOK", {}).get(value, ("", "grey"))
    named = getattr(row, f"get_{field}_display", None)
    return state_chip(label or (named() if named else str(value).replace("_", " ")), colour)


def owner_chip(owner: str | None) -> SafeString:
    """Who holds it: one of the five clock owners, or nobody."""
    key = str(owner or "")
    css = "end_customer" if key == "customer" else key
    return format_html(
        '<span class="owner owner-{}"><span class="visually-hidden">held by </span>{}</span>',
        css if key in OWNERS and key else "nobody",
        OWNERS.get(key, key.replace("_", " ")),
    )


def mark(kind: str) -> SafeString:
    """The badge of data that is synthetic, simulated or predicted. Raises KeyError for another word."""
    label, title = MARKS[kind]
    return format_html('<span class="mark mark-{}" title="{}">{}</span>', kind, title, label)


def local(value: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment in the reader's zone; a naive one counts as UTC."""
    aware = value if timezone.is_aware(value) else value.replace(tzinfo=UTC)
    return timezone.localtime(aware, zone)


def absolute(value: date | datetime) -> str:
    """`Sat 21 Nov 2026, 14:05 GMT`, or `Sat 21 Nov 2026` for a date."""
    if isinstance(value, datetime):
        here = local(value)
        return f"{here:%a} {here.day} {here:%b %Y, %H:%M %Z}"
    return f"{value:%a} {value.day} {value:%b %Y}"


def said_when(moment: datetime) -> str:
    """As people say it: `Tuesday 24 November, 2:30 pm`."""
    there = local(moment)
    hour = there.strftime("%-I:%M %p" if there.minute else "%-I %p").lower()
    return f"{date_format(there, 'l j F')}, {hour}"


def span(length: timedelta) -> str:
    """The length of time in its largest unit: `5 s`, `12 min`, `3 h`, `2 d`, `6 wk`."""
    seconds = int(abs(length).total_seconds())
    for size, unit, limit in ((1, "s", 60), (60, "min", 60), (3600, "h", 48), (86400, "d", 28)):
        if seconds < size * limit:
            return f"{seconds // size} {unit}"
    return f"{seconds // 604800} wk"


def short(value: date, today: date) -> str:
    """`11 Dec`, with the year where it is another one."""
    return f"{value.day} {value:%b}" if value.year == today.year else f"{value.day} {value:%b %Y}"


def _time(value: date | datetime, text: str, css: str = "", absolute_too: bool = True) -> SafeString:
    stamp = local(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()
    title = absolute(value) if absolute_too else ""
    return format_html('<time datetime="{}" title="{}" class="{}">{}</time>', stamp, title, css, text)


def age(value: Any) -> SafeString:
    """Relative within a week (`3 h ago`, `in 2 d`), else the date; a moment keeps its exact time as title."""
    if value in (None, ""):
        return NOTHING
    if not isinstance(value, datetime):
        return day(value)
    gap = value - now()
    if abs(gap) >= WEEK:
        return _time(value, short(local(value).date(), local(now()).date()))
    if abs(gap) < timedelta(seconds=5):
        return _time(value, "now")
    return _time(value, f"in {span(gap)}" if gap > timedelta() else f"{span(gap)} ago")


def _day_word(value: date, today: date) -> str:
    days = (value - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    if near:
        return near
    if abs(days) >= 7:
        return short(value, today)
    return f"in {days} d" if days > 0 else f"{-days} d ago"


def day(value: Any) -> SafeString:
    """A date without urgency: `today`, `in 3 d`, `11 Dec`."""
    if value in (None, ""):
        return NOTHING
    plain = local(value).date() if isinstance(value, datetime) else value
    return _time(value, _day_word(plain, local(now()).date()))


def due(value: Any) -> SafeString:
    """A date or moment that someone is held to: red with `2 d late`, amber from two days before, else plain."""
    if value in (None, ""):
        return NOTHING
    today = local(now()).date()
    plain = local(value).date() if isinstance(value, datetime) else value
    if isinstance(value, datetime) and abs(value - now()) < timedelta(days=2):
        gap = value - now()
        late = gap < timedelta()
        return _time(value, f"{span(gap)} late" if late else f"in {span(gap)}", "due-late" if late else "due-soon")
    days = (plain - today).days
    if days < 0:
        return _time(value, f"{-days} d late", "due-late")
    return _time(value, _day_word(plain, today), "due-soon" if days <= 2 else "")


def money(value: Any, currency: str = "GBP") -> str:
    """`£1,234.50`; two decimals; a currency without a sign of its own follows the amount."""
    if value in (None, ""):
        return NOTHING
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    sign = SIGNS.get(currency or "GBP")
    text = f"{abs(amount):,.2f}"
    return f"{'−' if amount < 0 else ''}{sign}{text}" if sign else f"{'−' if amount < 0 else ''}{text} {currency}"


def compact(value: Any) -> str:
    """`950`, `1.2k`, `2.7M`: at most three figures, for tiles and axes."""
    if value in (None, ""):
        return NOTHING
    number = float(value)
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.1f}".rstrip("0").rstrip(".") + unit
    return f"{number:g}"
