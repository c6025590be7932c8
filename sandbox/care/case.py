"""A ticket, a test or a problem at a simulated company. Pure: no clock, no file, no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sandbox.lifecycle import stamp

ENDED = frozenset({"closed", "rejected", "cancelled", "completed", "failed"})


@dataclass
class Case:
    """What the three have in common. `request` holds the standard's attributes as the client sent them."""

    kind: str  # ticket | test | problem
    request: dict[str, Any]
    number: int = 0
    id: str = ""
    external_id: str = ""
    service: str = ""
    scenario: str = "clean"
    state: str = "acknowledged"  # neutral; sandbox.care.words makes it the partner's own
    created: str = ""
    last_update: str = ""
    step: int = 0
    sequence: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)  # attributes that the company itself adds
    kept: dict[str, Any] = field(default_factory=dict)  # what it knows and does not tell

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for storage."""
        return asdict(self)

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDED

    def move(self, at: datetime, state: str = "", reason: str = "") -> None:
        """The next change: a new state, or the same one with something else told."""
        self.sequence += 1
        self.last_update = stamp(at)
        if state and (state != self.state or not self.history):
            self.state = state
            entry = {"state": state, "at": self.last_update, "reason": reason, "sequence": self.sequence}
            self.history.append(entry)

    def say(self, author: str, text: str, at: datetime, **more: Any) -> None:
        """A note of the company; call it after `move`."""
        note = {"id": f"{self.number}-{self.sequence}-{len(self.notes) + 1}", "author": author, "date": stamp(at)}
        self.notes.append({**note, "text": text, "sequence": self.sequence, **more})

    def take_notes(self, given: list[Mapping[str, Any]], author: str, at: datetime) -> list[str]:
        """The client's notes that are not here yet; their texts. An id that is here already is the same note."""
        known = {note["id"] for note in self.notes}
        fresh = [note for note in given if str(note.get("id") or "") not in known]
        for note in fresh:
            ident = str(note.get("id") or f"{self.number}-{self.sequence}-{len(self.notes) + 1}")
            told = {"author": author, "date": stamp(at), **note, "id": ident, "sequence": self.sequence}
            self.notes.append(told)
        return [str(note["text"]) for note in fresh]

    def take_files(self, given: list[Mapping[str, Any]]) -> None:
        """The client's files that are not here yet; one without an id is always new."""
        known = {file.get("id") for file in self.files} - {None}
        self.files = [*self.files, *(dict(file) for file in given if file.get("id") not in known)]
