"""Five months of self-service through the guides: who was offered one, took it, was helped, left, or became a ticket.

Who became a ticket, or called again within a week, is told by the tickets that are there. The shares improve slowly,
as the published ones do (DOMAIN 9.4), and stay below what vendors claim.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random

from ofx.core.models import Organisation
from ofx.orders.models import ServiceRecord
from ofx.portal.demo import guide_walks as walks
from ofx.portal.demo.base import Demo
from ofx.portal.demo.faults import SHARES
from ticketing.known_errors.models import KnownError, KnownErrorUse
from ticketing.known_errors.recounting import recount
from ticketing.models import GuideRun, GuideStep, GuideVersion, Ticket

LABEL = "Self-service"
HORIZON = 150
JUDGED_AFTER = timedelta(days=7)
BESIDES = 1.5  # runs that ended otherwise, for each that became a ticket
CALLED = 0.1  # share of the calls before which somebody had tried a guide and thought that it helped
CLASSES = {"no_connection": 34, "intermittent": 24, "slow_speed": 22, "wifi": 14, "voice": 6}
WORDS = {
    "no_connection": "no internet since this morning",
    "intermittent": "internet keeps dropping",
    "slow_speed": "very slow",
    "wifi": "wifi does not reach the back room",
    "voice": "phone does not work",
}


@dataclass(frozen=True)
class End:
    """How a run ended: its state, what it counts as at last, and who said that it works."""

    state: str
    outcome: str
    fixed_by: str = ""


ENDS: dict[str, End] = {
    "abandoned": End("left", "abandoned"),
    "fixed": End("fixed", "confirmed", "person"),
    "green": End("fixed", "confirmed", "test"),
    "back": End("fixed", "recontacted", "person"),
    "implied": End("left", "implied"),
    "informed": End("informed", "informed"),
    "escalated": End("escalated", "escalated"),
}


@dataclass(frozen=True)
class Case:
    """One run to be: which line and fault, how it ends, and when it was over."""

    kind: str
    service: ServiceRecord
    fault: str
    ended: datetime
    ticket: Ticket | None = None


def run(demo: Demo) -> str:
    """Runs of the guides that are in force, with their steps; left out where there are none."""
    versions = published()
    mark = f"demo{demo.seed}g"
    if not versions:
        return "left out, no guide is in force"
    if not GuideRun.objects.filter(token__startswith=mark).exists():
        Writer(demo, versions, mark).write()
    return f"{GuideRun.objects.count():,} runs of {len(versions)} guides"


def published() -> dict[str, GuideVersion]:
    """Fault class → the exchange's guide in force."""
    rows = GuideVersion.objects.filter(state="published", guide__organisation=None).select_related("guide")
    return {row.guide.fault_class: row for row in rows.order_by("guide__slug")}


class Writer:
    """Draws the runs of every tenant and writes them in bulk."""

    def __init__(self, demo: Demo, versions: dict[str, GuideVersion], mark: str) -> None:
        self.demo, self.versions, self.mark = demo, versions, mark
        self.by_slug = {version.guide.slug: version for version in versions.values()}
        rows = Ticket.objects.filter(service__isnull=False, fault_class__in=versions).exclude(resolved_tier="self")
        self.tickets: dict[int, list[Ticket]] = defaultdict(list)
        self.contacts: dict[int, list[datetime]] = defaultdict(list)
        for row in rows.select_related("service").order_by("pk"):
            self.tickets[row.organisation_id].append(row)
            self.contacts[row.service_id or 0].append(row.created_at)
        public = KnownError.objects.filter(state="approved", visibility="public", organisation=None)
        self.articles = list(public.order_by("code"))

    def write(self) -> None:
        """Runs, their steps, and what the known errors in them did."""
        drawn: list[tuple[GuideRun, list[walks.Shown]]] = []
        for slug in SHARES:
            provider = Organisation.objects.get(slug=slug)
            for number, case in enumerate(self.cases(slug, provider)):
                token = f"{self.mark}{slug}{number:05d}"
                drawn.append(self.draw(case, token))
        GuideRun.objects.bulk_create([one for one, _ in drawn], batch_size=1000)
        steps = [step for one, way in drawn for step in stepped(one, way)]
        GuideStep.objects.bulk_create(steps, batch_size=5000)
        self.judge_articles([one for one, _ in drawn], steps)

    def cases(self, slug: str, provider: Organisation) -> Iterator[Case]:
        """What became a ticket, who called again after all, and for each of the first some that ended otherwise."""
        services = list(
            ServiceRecord.objects.filter(organisation=provider, state="active", simulated=False).order_by("reference")
        )
        became = 0
        for ticket in self.tickets[provider.pk]:
            dice = self.demo.dice("guide", slug, ticket.idempotency_key)
            assert ticket.service is not None  # asked for above
            if ticket.channel == "portal":
                became += 1
                yield Case("escalated", ticket.service, ticket.fault_class, ticket.created_at, ticket)
            elif dice.random() < CALLED:
                tried = ticket.created_at - timedelta(hours=dice.uniform(3, 120))
                yield Case("back", ticket.service, ticket.fault_class, tried)
        for number in range(round(became * BESIDES) if services else 0):
            yield self.besides(self.demo.dice("guide", slug, number), services)

    def besides(self, dice: Random, services: list[ServiceRecord]) -> Case:
        """A run that did not become a ticket, of a line about which nobody called in the week after."""
        classes = {name: weight for name, weight in CLASSES.items() if name in self.versions}
        fault = dice.choices(list(classes), list(classes.values()))[0]
        for _ in range(20):
            service = dice.choice(services)
            at = self.moment(dice, service)
            later = (called - at for called in self.contacts[service.pk])
            if not any(timedelta(0) < wait <= JUDGED_AFTER for wait in later):
                break
        return Case(ended(dice, 1 - (self.demo.at - at) / timedelta(days=HORIZON)), service, fault, at)

    def moment(self, dice: Random, service: ServiceRecord) -> datetime:
        """After the line went live, in waking hours; more of late than long ago."""
        age = min(HORIZON * dice.random() ** 1.4, max((self.demo.at - service.active_from).days, 0))
        day = (self.demo.at - timedelta(days=age)).date()
        at = datetime.combine(day, time(7), UTC) + timedelta(minutes=dice.randrange(15 * 60))
        return min(at, self.demo.at - timedelta(hours=1 + dice.randrange(20)))

    def draw(self, case: Case, token: str) -> tuple[GuideRun, list[walks.Shown]]:
        """The row of one run, and the way that it took."""
        dice, end = self.demo.dice("run", token), ENDS[case.kind]
        version = self.versions[case.fault]
        way = walks.way(dice, version, self.by_slug, self.hints(case.fault), case.kind)
        left = case.kind == "abandoned"
        begun = case.ended - timedelta(minutes=dice.uniform(0.2, 1.3) if left else dice.uniform(2, 14))
        outcome, judge_at = end.outcome, None
        if self.demo.at - case.ended < JUDGED_AFTER and outcome in ("confirmed", "implied"):
            judge_at = case.ended + JUDGED_AFTER
            outcome = "provisional" if end.state == "fixed" else "waiting"
        stepped_in = any(one.said for one in way)
        return GuideRun(
            organisation_id=case.service.organisation_id,
            guide=version.guide,
            version=version,
            customer_id=case.service.customer_id,
            service=case.service,
            ticket=case.ticket,
            user=case.ticket.reported_by if case.ticket else None,
            token=token,
            channel="portal" if case.ticket or dice.random() < 0.8 else "widget",
            fault_class=case.fault,
            words=WORDS.get(case.fault, ""),
            state=end.state,
            fixed_by=end.fixed_by,
            outcome=outcome,
            offered_at=begun,
            first_step_at=begun + timedelta(seconds=dice.randrange(5, 12)) if stepped_in else None,
            last_at=case.ended,
            ended_at=case.ended,
            judge_at=judge_at,
        ), way

    def hints(self, fault: str) -> list[KnownError]:
        """The records for customers that a guide of a fault class shows."""
        return [article for article in self.articles if article.fault_class == fault][:2]

    def judge_articles(self, runs: list[GuideRun], steps: list[GuideStep]) -> None:
        """A record that somebody said has helped worked, unless they came back about it."""
        by_pk = {article.pk: article for article in self.articles}
        uses = []
        for step in steps:
            said = str(step.answer.get("value", ""))
            if said.startswith("worked:") and step.answered_at is not None:
                outcome = "failed" if step.run.outcome == "recontacted" else "worked"
                article, name = by_pk[int(said.removeprefix("worked:"))], f"guide_run:{step.run.pk}"
                at = step.answered_at
                uses.append(KnownErrorUse(article=article, run=name, outcome=outcome, at=at, judged_at=at))
        KnownErrorUse.objects.bulk_create(uses, batch_size=1000)
        for article in {one.article for one in uses}:
            recount(article=article)


def ended(dice: Random, progress: float) -> str:
    """How a run ends that did not become a ticket; `progress` 0 at the beginning of the history, 1 today."""
    weights = {
        "abandoned": 24 - 8 * progress,
        "fixed": 14 + 12 * progress,
        "green": 7 + 5 * progress,
        "implied": 22,
        "informed": 6,
    }
    return dice.choices(list(weights), list(weights.values()))[0]


def stepped(one: GuideRun, way: list[walks.Shown]) -> Iterator[GuideStep]:
    """The way as rows; the last step of who left was never answered."""
    pause = (one.last_at - one.offered_at) / (len(way) + 1)
    for position, shown in enumerate(way, start=1):
        at = one.offered_at + pause * (position - 1)
        yield GuideStep(
            run=one,
            version=shown.version,
            node=shown.node,
            position=position,
            shown_at=at,
            answered_at=at + pause * 0.8 if shown.answer else None,
            answer=shown.answer,
        )
