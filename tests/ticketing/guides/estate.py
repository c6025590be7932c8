"""A guide of Alice's provider with a draft, and a run of Cara's: for the tables of pages."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from tests.conftest import AT
from ticketing.guides import actions
from ticketing.guides.models import Guide, GuideRun, GuideStep, GuideVersion
from ticketing.tickets.models import Ticket

BODIES: dict[str, dict[str, Any]] = {
    "guides/runs/start/": {},
    r"^guides/(?P<number>\d{1,17})/edit/(?P<act>publish|discard|try|remove)/$": {"note": "better words"},
    "api/v1/^guide-runs/$": {"fault_class": "wifi"},
    "api/v1/^guide-runs/(?P<token>[^/.]+)/answer/$": {"position": 999, "value": "yes"},
}


def guide_values(shop: SimpleNamespace) -> dict[str, Any]:
    """Values for the parameters of every URL of guides."""
    actions.load_shipped(at=AT)
    given = {"actor": shop.alice, "at": AT, "organisation": shop.brightwave, "fault_class": "intermittent"}
    guide = actions.create_guide(title="Our way", **given)
    actions.publish(draft=guide.versions.get(), actor=shop.alice, at=AT)
    actions.open_draft(guide=guide, actor=shop.alice, at=AT)
    shipped = Guide.objects.get(slug="wifi-at-home")
    run = actions.start(
        guide=shipped, actor=shop.cara, at=AT, organisation=shop.brightwave, customer=shop.harbour, words="weak"
    )
    ticket = Ticket.objects.filter(organisation=shop.brightwave).earliest("pk")
    BODIES["guides/runs/start/"] = {"ticket": ticket.reference, "guide": shipped.pk}
    own = {"number": guide.pk, "version": 1, "name": "start", "act": "publish", "pk": guide.pk}
    return {
        **dict.fromkeys(ROUTES, own),
        **{route: {"token": run.token, "act": "back"} for route in RUNS},
    }


ROUTES = (
    "guides/<int:number>/",
    "guides/<int:number>/versions/<int:version>/",
    "guides/<int:number>/edit/",
    "guides/<int:number>/edit/nodes/",
    "guides/<int:number>/edit/nodes/<slug:name>/",
    r"^guides/(?P<number>\d{1,17})/edit/(?P<act>publish|discard|try|remove)/$",
    "api/v1/^guides/(?P<pk>[^/.]+)/$",
)
TOKEN = "(?P<token>[A-Za-z0-9_-]{10,40})/"
RUNS = (
    *(
        f"^{home}/runs/{TOKEN}{rest}$"
        for home in ("help", "guides")
        for rest in ("", "live/", "(?P<act>back|give-up|fixed)/")
    ),
    "api/v1/^guide-runs/(?P<token>[^/.]+)/$",
    *(f"api/v1/^guide-runs/(?P<token>[^/.]+)/{act}/$" for act in ("answer", "back", "fixed", "report")),
)


def grow_guides(estate: SimpleNamespace, first: int, last: int) -> None:
    """More guides, versions, runs and steps."""
    span = range(first, last)
    own = Guide.objects.get(slug="our-way")
    cara = GuideRun.objects.get(user=estate.cara, words="weak")
    Guide.objects.bulk_create(
        Guide(organisation=estate.brightwave, slug=f"g-{n}", title=f"G {n}", fault_class="wifi", created_at=AT)
        for n in span
    )
    GuideVersion.objects.bulk_create(
        GuideVersion(
            guide=own, number=100 + n, state="retired", graph=cara.version.graph, created_at=AT, created_by=estate.alice
        )
        for n in span
    )
    service = Ticket.objects.exclude(service=None).first()
    common = {
        "organisation": estate.brightwave,
        "customer": estate.harbour,
        "guide": own,
        "version": own.versions.get(number=1),
    }
    runs = GuideRun.objects.bulk_create(
        GuideRun(
            token=f"more-{n}-of-the-same", user=estate.cara, service=service.service if service else None,
            fault_class="wifi", offered_at=AT + timedelta(minutes=n), last_at=AT, state="running", **common,
        )
        for n in span
    )  # fmt: skip
    GuideStep.objects.bulk_create(
        GuideStep(run=run, version=run.version, node="report", position=1, shown_at=AT) for run in runs
    )
    top = GuideStep.objects.filter(run=cara).latest("position").position
    GuideStep.objects.filter(run=cara, position=top).update(superseded_at=AT)
    GuideStep.objects.bulk_create(
        GuideStep(
            run=cara, version=cara.version, node="near", position=top + 1 + n - first, shown_at=AT, answered_at=AT,
            answer={"value": "yes"},
        )
        for n in span
    )  # fmt: skip
    open_at = top + 1 + len(span)
    GuideStep.objects.create(run=cara, version=cara.version, node="place", position=open_at, shown_at=AT)
