"""What every step is given."""

import random
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TextIO


class DemoError(RuntimeError):
    """A step cannot do its work; the text says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """One run: the same seed, scale and day give the same rows."""

    seed: int
    scale: str  # small | full
    at: datetime
    out: TextIO

    @property
    def today(self) -> date:
        """The day that histories lead up to."""
        return self.at.date()

    @property
    def full(self) -> bool:
        """Whether everything is wanted, not a sample."""
        return self.scale == "full"

    def dice(self, *name: object) -> random.Random:
        """A random source of its own for each name, so that steps do not disturb each other's draws."""
        key = ":".join(str(part) for part in (self.seed, *name))
        return random.Random(zlib.crc32(key.encode()))  # noqa: S311 — not for secrets


class Step(Protocol):
    """A step module."""

    LABEL: str

    def run(self, demo: Demo) -> str:
        """Make what is missing; returns what there is now, in a few words."""
        ...
