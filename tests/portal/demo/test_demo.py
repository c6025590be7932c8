"""The demonstration world, small: whole, the same twice, labelled for what it is."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F

from ofx.core.models import Event, Membership, Organisation, User
from ofx.orders.models import Fact, Flag, Order, PartnerOrder, ServiceRecord
from ofx.orders.refold import folded_of
from ofx.orders.vocabulary import REASON_CLOCK, State
from ofx.portal.demo.base import Demo
from ofx.portal.demo.stories import tell
from partners.models import Address, Agreement, Endpoint, Footprint, FootprintRow, Operator, Place, Price
from ticketing.guides import deflection
from ticketing.guides.models import GuideRun, GuideStep
from ticketing.known_errors.models import KnownError, KnownErrorUse
from ticketing.known_errors.vocabulary import Confidence, Visibility
from ticketing.models import FaultRules, Macro, Outage, OutageChild, OutageKey, PartnerTicket, Ticket, TicketFact
from ticketing.tickets.fold import fold
from ticketing.tickets.partner_settle import told

TODAY = "2026-03-18"
MODELS = (
    Organisation, Operator, Price, Place, FootprintRow, Order, Fact, Endpoint, Ticket, TicketFact, Macro, Outage,
    KnownError, KnownErrorUse, GuideRun, GuideStep,
)  # fmt: skip
AT = datetime(2026, 3, 18, 12, tzinfo=UTC)


def load() -> None:
    """The command, at its small scale."""
    call_command("demo_data", scale="small", today=datetime.fromisoformat(TODAY).date(), stdout=StringIO())


@pytest.fixture(scope="module")
def demo(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """Loaded once for this module, and gone with it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


# The mark has the test database made also when this module runs alone, and takes back what a test writes.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


def test_everybody_of_the_world_can_sign_in() -> None:
    for email in ("alice", "bob", "charlie", "dana", "olga", "oscar", "fay", "theo", "cara", "conrad", "admin"):
        user = User.objects.get(email=f"{email}@example.com")
        assert user.check_password(settings.DEMO_PASSWORD)
        assert user.acting is not None
    assert Membership.objects.get(user__email="bob@example.com").role == "read_only"
    assert Organisation.objects.filter(kind="service_provider").count() == 3


def test_twelve_operators_sell_and_nothing_invented_is_called_real() -> None:
    uk = Operator.objects.filter(country="GB", on_net_of=None)
    assert uk.count() == 12
    assert set(uk.filter(provenance="simulated").values_list("code", flat=True)) == {
        "northfibre",
        "southlink",
        "eastwave",
        "mailtel",
    }
    assert not Operator.objects.filter(provenance="real", country="GB").exists()
    assert not Footprint.objects.filter(operator__country="GB", synthetic=False).exists()
    assert set(Endpoint.objects.values_list("operator__code", "customer__slug", "simulated")) == {
        *((code, None, True) for code in ("northfibre", "southlink", "eastwave", "mailtel")),
        (None, "harbour-books", True),
    }
    assert not Address.objects.exclude(text__contains="(invented)").filter(country="GB").exists()


def test_the_showcase_is_served_by_several_and_planned_and_gaps_exist() -> None:
    here = FootprintRow.objects.filter(country="GB", key__in=["SW1A1AA", "SW1A1", "SW1A"])
    serving = Operator.objects.filter(footprints__in=here.values("footprint_id"))
    assert serving.distinct().count() >= 6
    statuses = dict(FootprintRow.objects.values_list("status").annotate(n=Count("pk")))
    assert statuses["live"] > statuses["planned"] > statuses["build"] > 0
    assert not FootprintRow.objects.filter(status="planned", available_from=None).exists()
    dark = Place.objects.filter(country="GB").exclude(code__in=FootprintRow.objects.values("key"))
    assert dark.exists()
    assert FootprintRow.objects.filter(level="premises").exists()


def test_each_provider_has_prices_of_its_own() -> None:
    own = Price.objects.exclude(agreement=None)
    assert own.values("agreement__organisation").distinct().count() == 3
    assert not own.filter(monthly__gt=F("offering__prices__monthly"), offering__prices__agreement=None).exists()
    assert Agreement.objects.filter(state="suspended").exists()
    assert not Agreement.objects.filter(organisation__slug="brightwave", operator__code="moorland").exists()


def test_orders_are_in_every_state_and_are_what_their_facts_say() -> None:
    assert set(PartnerOrder.objects.values_list("state", flat=True)) >= set(State.values) - {
        "partial",
        "failed",
        "rejected",
    }
    assert Order.objects.count() >= 200
    for row in PartnerOrder.objects.exclude(state="draft").prefetch_related("facts")[:60]:
        folded = folded_of(row, row.facts.all())
        assert (row.state, row.target_date, row.holder) == (folded.state, folded.target_date, folded.holder)
    assert not Fact.objects.filter(issued_at__gt=AT).exists()
    assert not Order.objects.filter(simulated=True).exists()
    assert ServiceRecord.objects.exists()
    assert set(Flag.objects.exclude(reason="").values_list("reason", flat=True)) <= set(REASON_CLOCK)


def test_faults_are_in_every_state_and_are_what_their_facts_say() -> None:
    states = set(Ticket.objects.values_list("state", flat=True))
    assert states >= {"acknowledged", "in_progress", "pending", "resolved", "closed"}
    assert Ticket.objects.count() >= 80
    for row in PartnerTicket.objects.prefetch_related("facts"):
        folded = fold(told(fact) for fact in row.facts.all())
        assert (row.state, row.holder, row.partner_ref) == (folded.state, folded.holder, folded.partner_ref)
    assert not TicketFact.objects.filter(issued_at__gt=AT).exists()
    assert not Ticket.objects.filter(simulated=True).exists()
    open_now = Ticket.objects.filter(state__in=("in_progress", "pending", "held"))
    assert not open_now.filter(next_action="").exists()
    assert not Event.objects.filter(name__startswith="ticket.").exists()
    assert FaultRules.objects.get(operator__code="northfibre").required


def test_an_outage_goes_on_and_others_are_over() -> None:
    assert set(Outage.objects.values_list("state", flat=True)) >= {"open", "closed"}
    over = OutageChild.objects.filter(outage__state="closed")
    assert over.exists()
    assert not over.exclude(state="ok").exists()
    spared = OutageKey.objects.filter(outage__state="open", kind="sector").values_list("value", flat=True)
    codes = ServiceRecord.objects.filter(customer__slug="harbour-books").values_list("postcode", flat=True)
    assert not {code[:-2] for code in codes} & set(spared)


def test_known_errors_are_of_every_confidence_and_reader_and_their_evidence_is_what_happened() -> None:
    kinds = set(KnownError.objects.values_list("confidence", "visibility"))
    assert kinds == {(one, other) for one in Confidence.values for other in Visibility.values}
    assert KnownErrorUse.objects.exclude(outcome="applied").filter(judged_at=None).count() == 0
    judged = KnownError.objects.filter(times_worked__gt=0)
    assert judged.count() >= 5
    for row in judged:
        assert row.times_worked == row.uses.filter(outcome="worked").exclude(ticket__simulated=True).count()
    assert KnownError.objects.exclude(review_reason="").exists()
    mended = Ticket.objects.filter(state="closed", resolved_tier="tsc")
    assert set(mended.values_list("knowledge_reference", flat=True)) <= set(
        KnownError.objects.values_list("reference", flat=True)
    )


def test_people_helped_themselves_as_often_as_is_published_and_no_more() -> None:
    runs = GuideRun.objects.all()
    shown = deflection.overall(runs)
    assert shown.rate is not None
    assert 15 <= shown.rate <= 45
    assert shown.escalated == runs.filter(ticket__channel="portal").count() > 10
    assert not GuideStep.objects.filter(answered_at=None).exclude(run__state="left").exists()
    assert deflection.by_article(runs)


def test_loading_again_changes_nothing() -> None:
    def count() -> list[int]:
        return [m.objects.count() for m in MODELS]

    before = count()
    load()
    assert count() == before


def test_the_same_seed_tells_the_same_story() -> None:
    def story(seed: int) -> Any:
        return tell(Demo(seed=seed, scale="small", at=AT, out=StringIO()).dice("x"), "FTTP", 10)

    assert story(7) == story(7)
    assert any(story(seed) != story(7) for seed in range(5))
