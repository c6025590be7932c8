"""THE timeline: what happened to a thing, newest first, whatever table it comes from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, groupby

from ofx.core.audit.models import LogEntry
from ofx.core.events.models import Event

# kind → (word of its filter chip, icon)
KINDS = {
    "message": ("Messages", "messages"),
    "state": ("States", "circle-dot"),
    "date": ("Dates", "calendar"),
    "milestone": ("Milestones", "flag"),
    "note": ("Notes", "note"),
    "test": ("Tests", "gauge"),
    "appointment": ("Appointments", "calendar-event"),
    "mail": ("Mails", "mail"),
    "file": ("Files", "paperclip"),
    "audit": ("Audit", "history"),
    "event": ("Events", "bolt"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `channel` is how it reached us (page, API, e-mail, TMF622 …); `tone` a state colour.

    `fold` says that a row of neighbours with the same text matters little: `folded` makes one line of them.
    """

    at: datetime
    kind: str
    title: str
    who: str = ""
    channel: str = ""
    body: str = ""
    url: str = ""
    icon: str = ""
    tone: str = "grey"
    raw_url: str = ""
    fold: str = ""
    inside: tuple["Entry", ...] = ()

    @property
    def sign(self) -> str:
        """The icon: its own, or that of its kind."""
        return self.icon or KINDS.get(self.kind, ("", "circle-dot"))[1]


def merge(*sources: Iterable[Entry]) -> list[Entry]:
    """All entries of all sources, newest first; equal moments keep the order in which they were given."""
    return sorted(chain(*sources), key=lambda entry: entry.at, reverse=True)


def folded(entries: Iterable[Entry]) -> list[Entry]:
    """Neighbours of the same `fold` as one line that opens: `12 × <fold>`, as new as the newest; one alone stays."""
    found: list[Entry] = []
    for fold, rows in groupby(entries, key=lambda entry: entry.fold):
        run = list(rows)
        if fold and len(run) > 1:
            run = [replace(run[0], title=f"{len(run)} × {fold}", url="", body="", inside=tuple(run))]
        found += run
    return found


def from_log(row: LogEntry) -> Entry:
    """An audit entry: who did what."""
    moved = " → ".join(str(row.data[key]).replace("_", " ") for key in ("from", "to") if row.data.get(key))
    body = " · ".join(part for part in (moved, str(row.data.get("why") or "")) if part)
    return Entry(at=row.at, kind="audit", who=row.actor_name, title=row.verb, body=body)


def from_event(row: Event) -> Entry:
    """An event: `order.committed` reads "Order committed"."""
    title = row.name.replace(".", " ").replace("_", " ").capitalize()
    return Entry(at=row.at, kind="event", title=title, body=str(row.payload.get("why") or ""))


def kinds_of(entries: Iterable[Entry]) -> list[tuple[str, str, int]]:
    """(kind, word, how many) of the kinds that occur, in the fixed order of KINDS."""
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.kind] = counts.get(entry.kind, 0) + 1
    order = [*KINDS, *(kind for kind in counts if kind not in KINDS)]
    return [
        (kind, KINDS.get(kind, (kind.replace("_", " ").capitalize(), ""))[0], counts[kind])
        for kind in order
        if kind in counts
    ]
