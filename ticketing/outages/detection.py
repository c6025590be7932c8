"""When so many faults share a key that chance does not explain it: a scan statistic over a Poisson baseline. Pure.

Usual is each key's own rate in this hour of the week, drawn towards its overall rate and the tenant's weekly profile
where it has little history of its own (shrinkage), and that towards the mean of its kind. Every window that ends now
and begins at one of the latest faults is tried; the least likely count decides. The measured trade-off stands in
docs/outages.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HOURS = 168
KIND_WEEKS = 2.0  # weeks of a kind's mean that a key's own rate is mixed with
HOUR_WEEKS = 4.0  # weeks of the key's profile that its single hour of the week is mixed with
PROFILE_COUNTS = 5.0  # counts of "every hour alike" in the tenant's weekly profile
FLOOR_PER_HOUR = 0.02  # no key is taken for quieter than one fault in two days: history is short
SHORTEST_MINUTES = 5.0


@dataclass(frozen=True)
class Settings:
    """N faults within T minutes at least, and how unlikely the count must be."""

    least: int = 4
    window_minutes: float = 30.0
    alpha: float = 1e-6


@dataclass(frozen=True)
class Finding:
    """The least likely window: so many within so many minutes where so many are usual."""

    count: int
    minutes: float
    expected: float
    chance: float


class Baseline:
    """What is usual for the keys of one tenant. `counts`: (kind, value) → hour of the week → signals in `weeks`."""

    def __init__(self, counts: Mapping[tuple[str, str], Mapping[int, float]], weeks: float) -> None:
        self.counts, self.weeks = counts, max(weeks, 1.0)
        self.totals = {key: sum(hours.values()) for key, hours in counts.items()}
        self._kinds: dict[str, list[float]] = {}
        for (kind, _), total in self.totals.items():
            self._kinds.setdefault(kind, []).append(total)
        self._profile = self._weekly()

    def _weekly(self) -> list[float]:
        """The tenant's week, from one kind of key so that no signal counts several times; mean 1."""
        hours = [0.0] * HOURS
        widest = max(self._kinds, key=lambda kind: sum(self._kinds[kind]), default="")
        for (kind, _), row in self.counts.items():
            if kind == widest:
                for hour, count in row.items():
                    hours[hour] += count
        mean = sum(hours) / HOURS
        return [(count + PROFILE_COUNTS) / (mean + PROFILE_COUNTS) for count in hours]

    def per_hour(self, key: tuple[str, str], hour: int) -> float:
        """Signals an hour that are usual for a key in an hour of the week."""
        seen = self._kinds.get(key[0], [])
        mean = sum(seen) / len(seen) / self.weeks if seen else 0.0
        a_week = (self.totals.get(key, 0.0) + KIND_WEEKS * mean) / (self.weeks + KIND_WEEKS)
        prior = a_week / HOURS * self._profile[hour]
        own = self.counts.get(key, {}).get(hour, 0.0)
        return max(FLOOR_PER_HOUR, (own + HOUR_WEEKS * prior) / (self.weeks + HOUR_WEEKS))


def judge(minutes_ago: Sequence[float], per_hour: float, settings: Settings) -> Finding | None:
    """The least likely of the windows that end now, or None where all of them may be chance.

    `minutes_ago`: when each distinct service first failed, counted back from now.
    """
    within = sorted(age for age in minutes_ago if age <= settings.window_minutes)
    best: Finding | None = None
    for count in range(settings.least, len(within) + 1):
        minutes = max(SHORTEST_MINUTES, within[count - 1])
        expected = per_hour * minutes / 60
        found = Finding(count, minutes, expected, at_least(count, expected))
        if best is None or found.chance < best.chance:
            best = found
    return best if best is not None and best.chance <= settings.alpha else None


def at_least(count: int, mean: float) -> float:
    """P(N ≥ count) of a Poisson count, summed from its tail so that small chances keep their digits."""
    if count <= 0:
        return 1.0
    if count <= mean:
        return 1.0 - sum(_term(number, mean) for number in range(count))
    total, term, number = 0.0, _term(count, mean), count
    while term > total * 1e-12 + 1e-300:
        total += term
        number += 1
        term *= mean / number
    return min(1.0, total)


def _term(number: int, mean: float) -> float:
    return math.exp(number * math.log(mean) - mean - math.lgamma(number + 1)) if mean > 0 else float(number == 0)
