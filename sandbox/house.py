"""What every simulated company has: a name, a file, a clock, chance by seed, and what goes wrong there at present."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta

from sandbox import faults
from sandbox.config import Config, Partner
from sandbox.store import Store


class House:
    """One simulated company. `wake` and `care_wake` stir those who carry its news of orders and of faults."""

    def __init__(self, config: Config, partner: Partner) -> None:
        self.config = config
        self.partner = partner
        self.store = Store(config.home / "sandbox" / f"{partner.id}.sqlite3")
        self.wake = threading.Event()
        self.care_wake = threading.Event()
        self.factor = 1.0
        self.set_factor(self._kept_factor())

    # time

    def now(self) -> datetime:
        """The partner's clock: the real one, plus its skew."""
        return datetime.now(UTC) + timedelta(seconds=self.partner.habits.clock_skew_seconds)

    @property
    def day(self) -> float:
        """Real seconds of one working day at this partner."""
        return self.config.day_seconds * self.partner.habits.pace / self.factor

    def _kept_factor(self) -> float:
        kept = self.store.setting("clock", {})
        return kept.get("factor", 1.0) if kept.get("day_seconds") == self.config.day_seconds else 1.0

    def set_factor(self, factor: float) -> None:
        """Run `factor` times as fast as configured; what is under way is rescaled."""
        with self.store.transaction():
            self.factor = factor
            before = self.store.setting("day", self.day)
            if before != self.day:
                self.store.rescale_timers(time.time(), self.day / before)
            self.store.set("day", self.day)
            self.store.set("clock", {"factor": factor, "day_seconds": self.config.day_seconds})
        self.wake.set()
        self.care_wake.set()

    def after(self, days: float) -> float:
        """The moment so many working days from now, as seconds of the epoch."""
        return time.time() + days * self.day

    # settings

    def faults(self) -> faults.Faults:
        """What goes wrong here at present."""
        return faults.settled(self.partner.habits, self.store.setting("faults", {}))

    def down(self) -> str:
        """How the partner is down at present: `503`, `reset`, or empty."""
        kept = self.store.setting("down", {})
        return kept.get("mode", "503") if kept.get("until", 0) > time.time() else ""

    def rng(self, *parts: object) -> random.Random:
        """Chance that is the same for the same seed, partner and parts."""
        return random.Random(":".join(str(part) for part in (self.config.seed, self.partner.id, *parts)))
