"""A record's life: written, approved, measured by real outcomes, flagged; and drafted from tickets."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from ofx.core.events.actions import publish
from tests.conftest import AT
from tests.ticketing.known_errors.conftest import known_error, searchable
from ticketing.known_errors import actions, shipping, upkeep
from ticketing.known_errors.models import Candidate, KnownError
from ticketing.tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_every_change_is_a_version_and_nothing_changed_is_none(world: Any) -> None:
    article = known_error(world.brightwave, "Box keeps rebooting", publish_to=None)
    article.cause = "A weak power supply"
    actions.save_known_error(article=article, actor=world.alice, at=AT, note="found the cause")
    actions.save_known_error(article=article, actor=world.alice, at=AT)
    assert list(article.versions.values_list("number", "note")) == [(2, "found the cause"), (1, "")]


def test_words_that_were_approved_need_approval_again_when_they_change(world: Any) -> None:
    article = known_error(world.brightwave, "Box keeps rebooting")
    article.owner_group = "TSC"
    actions.save_known_error(article=article, actor=world.alice, at=AT)
    assert article.state == "approved"
    article.workaround = "Replace the power supply"
    actions.save_known_error(article=article, actor=world.alice, at=AT)
    assert article.state == "draft"


def test_of_two_who_change_it_at_once_the_second_is_told(world: Any) -> None:
    article = known_error(world.brightwave, "Box keeps rebooting", publish_to=None)
    seen = article.version
    article.cause = "Heat"
    actions.save_known_error(article=article, actor=world.alice, at=AT, was_version=seen)
    article.cause = "Dust"
    with pytest.raises(actions.Stale):
        actions.save_known_error(article=article, actor=world.alice, at=AT, was_version=seen)


def test_an_earlier_version_can_be_brought_back(world: Any) -> None:
    article = known_error(world.brightwave, "Box keeps rebooting", publish_to=None, cause="Heat")
    article.cause = "Dust"
    actions.save_known_error(article=article, actor=world.alice, at=AT)
    actions.restore_version(article=article, number=1, actor=world.alice, at=AT)
    article.refresh_from_db()
    assert (article.cause, article.version) == ("Heat", 3)


def test_customers_read_nothing_that_was_not_written_for_them(world: Any) -> None:
    article = known_error(world.brightwave, "Reset card 4 at the exchange", publish_to=None, customer_text="  ")
    with pytest.raises(actions.NotPublishable) as refused:
        actions.approve(article=article, actor=world.alice, at=AT, publish_to="public")
    assert set(refused.value.problems) == {"customer_title", "customer_text"}
    article.refresh_from_db()
    assert article.state == "draft"


def test_only_those_who_may_approve_do(world: Any) -> None:
    article = known_error(world.brightwave, "Box keeps rebooting", publish_to=None)
    with pytest.raises(PermissionDenied):
        actions.approve(article=article, actor=world.bob, at=AT)


def test_a_resolved_ticket_gives_one_draft_without_names(world: Any, ticket: Any) -> None:
    row = ticket("No light", description="Red light", fix="Re-spliced the fibre", cause="Cut fibre", verdict="partner",
                 clear_code="fib-1", contact_name="Paula Placeholder")  # fmt: skip
    article = actions.draft_from_ticket(ticket=row, actor=world.alice, at=AT)
    again = actions.draft_from_ticket(ticket=row, actor=world.alice, at=AT)
    assert article == again
    assert (article.cause_domain, article.closure_codes, article.tickets_linked) == ("partner", ["FIB-1"], 1)
    assert "Paula" not in str(article.versions.get().content)


def test_outcomes_come_from_what_really_happened(world: Any, ticket: Any, settle: Any) -> None:
    article = known_error(world.brightwave, "Box keeps rebooting")
    closed, back = ticket("It reboots"), ticket("Reboots again")
    for row in (closed, back, back):
        actions.record_use(article=article, at=AT, actor=world.alice, outcome="applied", ticket=row)
    actions.record_use(article=article, at=AT, actor=None, outcome="applied", run="guide_run:7")
    publish("ticket.closed", f"ticket:{closed.pk}", at=AT)
    publish("ticket.in_progress", f"ticket:{back.pk}", at=AT, **{"from": "resolved"})
    publish("guide_run.fixed", "guide_run:7", at=AT)
    settle()
    article.refresh_from_db()
    assert (article.times_applied, article.times_worked, article.times_failed) == (3, 2, 1)
    assert (article.tickets_linked, article.last_seen) == (2, AT)


def test_simulated_tickets_stay_out_of_the_evidence(world: Any, ticket: Any) -> None:
    article = known_error(world.brightwave, "Box keeps rebooting")
    row = ticket("It reboots", simulated=True)
    actions.record_use(article=article, at=AT, actor=None, outcome="worked", ticket=row)
    article.refresh_from_db()
    assert (article.times_worked, article.tickets_linked) == (0, 0)


def test_stale_failing_and_doubled_records_wait_for_review_once(world: Any, ticket: Any) -> None:
    stale = known_error(world.brightwave, "Old advice about modems")
    failing = known_error(world.brightwave, "Unplug the phone splitter")
    known_error(world.brightwave, "Red light on the fibre box", symptom_customer="The fibre box shows a red light")
    double = known_error(world.brightwave, "Red light on the fibre box", symptom_customer="Fibre box shows red light")
    for number in range(4):
        actions.record_use(article=failing, at=AT, actor=None, outcome="failed", ticket=ticket(f"Noise {number}"))
    searchable()
    KnownError.objects.filter(pk=stale.pk).update(review_by=AT.date() - timedelta(days=1))
    assert upkeep.flag_due(at=AT) == 2
    assert upkeep.flag_duplicates(at=AT, since=AT - timedelta(days=1)) >= 1
    assert upkeep.flag_due(at=AT) == 0
    for row in (stale, failing, double):
        row.refresh_from_db()
    assert "failed in 4 of 4" in failing.review_reason
    flagged = KnownError.objects.exclude(alike=None).first()
    assert flagged is not None
    actions.reviewed(article=flagged, actor=world.alice, at=AT)
    known = KnownError.objects.exclude(pk=flagged.pk).filter(title=flagged.title).get()
    actions.reviewed(article=known, actor=world.alice, at=AT)
    assert flagged.review_reason == ""
    assert flagged.not_alike == [known.pk]


def test_tickets_without_a_record_gather_and_become_a_draft(world: Any, ticket: Any) -> None:
    dropping = [ticket(f"Internet keeps dropping {when}", fix="Replaced the router" * n)
                for n, when in enumerate(("every evening", "in the evening", "evenings"), start=1)]  # fmt: skip
    ticket("Invoice charged twice this month")
    ticket("Problem")
    assert actions.gather(at=AT) == 5
    assert actions.gather(at=AT) == 0
    largest = Candidate.objects.order_by("-size").first()
    assert largest is not None
    assert {row.ticket_id for row in largest.members.all()} == {row.pk for row in dropping}
    article = actions.draft_from_candidate(candidate=largest, actor=world.alice, at=AT)
    assert article.tickets_linked == 3
    assert article.drafted_from == dropping[-1]
    assert actions.draft_from_candidate(candidate=largest, actor=world.alice, at=AT) == article


def test_what_is_like_a_dismissed_candidate_is_gathered_there_and_not_shown_again(world: Any, ticket: Any) -> None:
    ticket("Speed slower than sold in Exampletown")
    actions.gather(at=AT)
    candidate = Candidate.objects.get()
    actions.dismiss_candidate(candidate=candidate, actor=world.alice, at=AT, why="one line only")
    ticket("Speed slower than sold in Exampletown")
    actions.gather(at=AT)
    assert Candidate.objects.get().size == 2
    assert Candidate.objects.get().state == "dismissed"


def test_tickets_that_say_nothing_lie_on_one_pile_that_nobody_is_shown(world: Any, ticket: Any) -> None:
    for title in ("Problem", "Terrible service", "Help please"):
        ticket(title)
    assert actions.gather(at=AT) == 3
    pile = Candidate.objects.get()
    assert (pile.size, pile.state) == (3, "dismissed")


def test_tickets_of_two_tenants_never_gather(world: Any, ticket: Any) -> None:
    ticket("Internet keeps dropping every evening")
    ticket("Internet keeps dropping every evening", organisation=world.cobalt)
    actions.gather(at=AT)
    assert Candidate.objects.count() == 2
    assert Ticket.objects.filter(candidate_member=None).count() == 0


def test_what_comes_with_the_product_is_complete_and_loads_once(world: Any) -> None:
    assert shipping.load(at=AT) == len(shipping.shipped()) >= 25
    assert shipping.load(at=AT) == 0
    for row in KnownError.objects.exclude(code=""):
        assert row.state == "approved"
        assert row.workaround
        assert row.steps
        assert row.visibility != "public" or row.customer_text
