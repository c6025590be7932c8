"""A simulated estate with stated fault rates, to measure detection: false alarms a week, minutes to detection. Pure.

It judges with the very functions that the product uses (detection.judge, the same choice of the best name); only the
world is made up. The same seed gives the same numbers.
"""

import random
import statistics
from collections import defaultdict, deque
from dataclasses import dataclass, field

from ticketing.outages.detection import HOURS, Baseline, Settings, judge
from ticketing.outages.vocabulary import NARROW_FIRST

Key = tuple[str, str]
WEEK = HOURS * 60.0
NARROWER = 0.7


@dataclass(frozen=True)
class Rates:
    """What is assumed, printed with every result."""

    services: int = 20_000
    signals_a_year: float = 1.0  # faults and failed tests of one service, outages left out
    repeat_share: float = 0.15  # of faults are followed by a second call about the same service within an hour
    day_spread: float = 0.35  # coefficient of variation of whole days: weather, Mondays, releases
    calls_share: float = 0.25  # of the customers of an outage report it
    calls_mean_minutes: float = 30.0  # exponential, from the outage's beginning
    night_factor: float = 0.3  # between 23 and 7 so much fewer call
    train_weeks: int = 12
    quiet_weeks: int = 26
    outages: int = 200


@dataclass(frozen=True)
class Signal:
    """A fault or failed test: when (minutes), which service, and the keys that it counts for."""

    at: float
    service: int
    keys: tuple[Key, ...]
    planted: bool = False


@dataclass
class Estate:
    """Services on OLTs on exchanges on handovers of partners, and in postcode sectors that cross OLTs."""

    rates: Rates
    rng: random.Random
    keys: list[tuple[Key, ...]] = field(default_factory=list)
    members: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Lay the estate; exchanges are of unequal size, as towns are."""
        exchanges = [(f"X{n:02d}", self.rng.paretovariate(1.4)) for n in range(60)]
        names, weights = zip(*exchanges, strict=True)
        for service, exchange in enumerate(self.rng.choices(names, weights, k=self.rates.services)):
            number = int(exchange[1:])
            keys = (
                ("olt", f"{exchange}-{self.rng.randrange(4)}"),
                ("sector", f"{exchange}{self.rng.randrange(5)}"),
                ("exchange", exchange),
                ("handover", f"H{number % 8}"),
                ("partner", f"P{number % 4}"),
            )
            self.keys.append(keys)
            for key in keys:
                self.members[key].append(service)

    def background(self, start: float, minutes: float) -> list[Signal]:
        """Independent faults by the hour of the week, whole days louder or quieter than others."""
        made: list[Signal] = []
        shape = 1 / self.rates.day_spread**2
        per_minute = self.rates.services * self.rates.signals_a_year / 525_600
        now, day, factor = start, -1, 1.0
        while now < start + minutes:
            if int(now // 1440) != day:
                day, factor = int(now // 1440), self.rng.gammavariate(shape, 1 / shape)
            rate = per_minute * factor * profile(now)
            step = self.rng.expovariate(max(rate, 1e-9))
            if step > 60:  # the profile changes by the hour
                now += 60
                continue
            now += step
            self._fault(made, now)
        return sorted(made, key=lambda signal: signal.at)

    def _fault(self, made: list[Signal], at: float) -> None:
        service = self.rng.randrange(self.rates.services)
        made.append(Signal(at, service, self.keys[service]))
        if self.rng.random() < self.rates.repeat_share:
            made.append(Signal(at + self.rng.uniform(1, 60), service, self.keys[service]))

    def outage(self, start: float, key: Key) -> list[Signal]:
        """The calls that an outage of one key brings."""
        share = self.rates.calls_share * (self.rates.night_factor if is_night(start) else 1.0)
        calls = [one for one in self.members[key] if self.rng.random() < share]
        delay = self.rates.calls_mean_minutes
        made = [Signal(start + self.rng.expovariate(1 / delay), one, self.keys[one], True) for one in calls]
        return sorted(made, key=lambda signal: signal.at)


def profile(minute: float) -> float:
    """How busy an hour of the week is; mean about 1."""
    hour, day = int(minute // 60) % 24, int(minute // 1440) % 7
    by_hour = 0.25 if hour < 7 else 1.6 if hour < 12 else 1.3 if hour < 18 else 1.2 if hour < 22 else 0.5
    return by_hour * (0.8 if day >= 5 else 1.08)


def is_night(minute: float) -> bool:
    """Between 23 and 7 o'clock."""
    hour = int(minute // 60) % 24
    return hour < 7 or hour >= 23


def learn(signals: list[Signal], weeks: float) -> Baseline:
    """The baseline of a quiet time."""
    counts: dict[Key, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for signal in signals:
        hour = int(signal.at % WEEK // 60)
        for key in signal.keys:
            counts[key][hour] += 1
    return Baseline(counts, weeks)


@dataclass(frozen=True)
class Alarm:
    """A proposal: when, about what, and how much of it an outage planted."""

    at: float
    key: Key
    planted: float


def watch(signals: list[Signal], baseline: Baseline, rule: Settings) -> list[Alarm]:
    """What the product would propose, signal by signal."""
    recent: dict[Key, deque[Signal]] = defaultdict(deque)
    explained: set[int] = set()
    alarms = []
    for signal in signals:
        loud: dict[Key, dict[int, Signal]] = {}
        for key in signal.keys:
            window = recent[key]
            window.append(signal)
            while window[0].at < signal.at - rule.window_minutes:
                window.popleft()
            things = _unusual(window, key, signal.at, baseline, rule, explained)
            if things:
                loud[key] = things
        if loud:
            key = _best(loud)
            explained |= {id(one) for one in recent[key]}
            planted = sum(one.planted for one in loud[key].values()) / len(loud[key])
            alarms.append(Alarm(signal.at, key, planted))
    return alarms


def _unusual(
    window: "deque[Signal]", key: Key, now: float, baseline: Baseline, rule: Settings, explained: set[int]
) -> dict[int, Signal]:
    if len(window) < rule.least:
        return {}
    first: dict[int, Signal] = {}
    for one in window:
        if id(one) not in explained:
            first.setdefault(one.service, one)
    ages = [now - one.at for one in first.values()]
    usual = baseline.per_hour(key, int(now % WEEK // 60))
    return first if judge(ages, usual, rule) else {}


def _best(loud: dict[Key, dict[int, Signal]]) -> Key:
    widest = max(loud.values(), key=len)
    fitting = [key for key, things in loud.items() if len(things.keys() & widest.keys()) >= NARROWER * len(widest)]
    return min(fitting, key=lambda key: NARROW_FIRST.index(key[0]))


@dataclass(frozen=True)
class Measured:
    """One line of the table."""

    least: int
    alpha: float
    false_a_week: float
    median_minutes: float
    p90_minutes: float
    found_share: float
    right_key_share: float


@dataclass(frozen=True)
class World:
    """A quiet half year and outages planted into it, drawn once and judged by every rule."""

    baseline: Baseline
    quiet: list[Signal]
    cases: list[tuple[float, Key, list[Signal]]]
    rates: Rates


def build(rates: Rates, seed: int) -> World:
    """Draw the estate, its history and its outages."""
    rng = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    estate = Estate(rates, rng)
    baseline = learn(estate.background(0, rates.train_weeks * WEEK), rates.train_weeks)
    start = rates.train_weeks * WEEK
    quiet = estate.background(start, rates.quiet_weeks * WEEK)
    cases = []
    for number in range(rates.outages):
        begin = start + number * WEEK + rng.uniform(0, WEEK)
        kind = rng.choices(("olt", "sector", "exchange", "handover"), (45, 35, 15, 5))[0]
        key = rng.choice(sorted(one for one, who in estate.members.items() if one[0] == kind and len(who) >= 40))
        around = estate.background(begin - 120, 360)
        cases.append((begin, key, sorted([*around, *estate.outage(begin, key)], key=lambda one: one.at)))
    return World(baseline, quiet, cases, rates)


def measure(world: World, rule: Settings) -> Measured:
    """False alarms on the quiet half year; minutes from the beginning of each outage to the proposal that names it."""
    false = len(watch(world.quiet, world.baseline, rule)) / world.rates.quiet_weeks
    delays, right = [], 0
    for begin, key, signals in world.cases:
        hits = [one for one in watch(signals, world.baseline, rule) if one.at >= begin and one.planted >= 0.5]
        delays.append(hits[0].at - begin if hits else float("inf"))
        right += bool(hits) and hits[0].key == key
    found = [one for one in delays if one < float("inf")]
    return Measured(
        least=rule.least,
        alpha=rule.alpha,
        false_a_week=false,
        median_minutes=statistics.median(delays),
        p90_minutes=sorted(delays)[int(0.9 * len(delays))],
        found_share=len(found) / len(delays),
        right_key_share=right / max(1, len(found)),
    )
