"""Chosen rows of a bulk qualification become orders: by a rule, for a customer, once, whatever dies."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ofx.core.models import Organisation
from ofx.orders.models import Order
from ofx.portal.bulk import actions, placing
from ofx.portal.bulk.models import BatchRow, OrderBatch
from ofx.search.models import BulkPlace, BulkRun
from tests.conftest import AT, offering
from tests.ofx.orders.conftest import shop

__all__ = ["shop"]


@pytest.fixture
def result(shop: Any) -> BulkRun:
    """A finished run: two places that can be ordered, one of them with a customer of its own, one that cannot."""
    shop.cheap = offering(shop.south, "sl-80", monthly="9.00")
    run = BulkRun.objects.create(
        organisation=shop.brightwave, file_name="places.csv", state="done", created_at=AT, created_by=shop.alice
    )
    for line, name in ((1, "Harbour Books"), (2, ""), (3, "")):
        BulkPlace.objects.create(
            run=run, line=line, given="SW1A 1AA", place=shop.place, postcode="SW1A1AA", customer=name,
            reference=f"S-{line}", orderable=line < 3, served=line < 3,
        )  # fmt: skip
    return run


def begin(shop: Any, run: BulkRun, **wishes: Any) -> OrderBatch:
    given = {"customer": shop.harbour, "contact_name": "Paula Placeholder", "contact_phone": "020 7946 0000", **wishes}
    return actions.create_batch(actor=shop.alice, run=run, rows=run.places.all(), at=AT, **given)


def work(batch: OrderBatch) -> OrderBatch:
    placing.place(batch.pk, timezone.now)
    batch.refresh_from_db()
    return batch


def test_each_row_that_can_be_ordered_becomes_one_draft_of_the_best_offer(shop: Any, result: BulkRun) -> None:
    batch = work(begin(shop, result))
    assert batch.state == "done"
    assert list(batch.rows.values_list("line", "state")) == [(1, "draft"), (2, "draft")]
    order = batch.rows.get(line=1).order
    assert order is not None
    assert (order.customer, order.external_id, order.contact_name) == (shop.harbour, "S-1", "Paula Placeholder")
    assert order.created_by == shop.alice


def test_the_rule_decides_which_offer_is_ordered(shop: Any, result: BulkRun) -> None:
    cheapest = work(begin(shop, result, rule="cheapest"))
    ordered = {item.offering for row in cheapest.rows.all() for item in row.order.items.all()}  # type: ignore[union-attr]
    assert ordered == {shop.cheap}
    mine = work(begin(shop, result, rule="operator", operator=shop.north))
    ordered = {item.offering for row in mine.rows.all() for item in row.order.items.all()}  # type: ignore[union-attr]
    assert ordered == {shop.fttp}


def test_submitted_rows_are_on_their_way_and_a_second_worker_places_nothing_twice(shop: Any, result: BulkRun) -> None:
    batch = work(begin(shop, result, submit=True))
    assert set(batch.rows.values_list("state", flat=True)) == {"sent"}
    placed = Order.objects.count()
    # A worker died after the order was made and before the row was written; another goes on.
    BatchRow.objects.update(state="waiting", order=None)
    OrderBatch.objects.update(state="running", lease_until=timezone.now() - timezone.timedelta(minutes=2))
    work(batch)
    assert set(batch.rows.values_list("state", flat=True)) == {"sent"}
    assert Order.objects.count() == placed


def test_what_keeps_an_order_back_is_said_on_its_row_and_harms_no_other(shop: Any, result: BulkRun) -> None:
    result.places.filter(line=1).update(customer="Nobody Known")
    batch = work(begin(shop, result, contact_name="", submit=True))
    first, second = batch.rows.order_by("line")
    assert (first.state, first.order) == ("failed", None)
    assert "Nobody Known" in first.problem
    assert second.state == "draft"
    assert "who is on site" in second.problem
    made = work(begin(shop, result, make_customers=True))
    assert made.rows.get(line=1).order.customer.name == "Nobody Known"  # type: ignore[union-attr]


def test_a_place_that_is_no_longer_served_gets_no_order(shop: Any, result: BulkRun) -> None:
    batch = begin(shop, result, rule="operator", operator=shop.south)
    shop.south.suspended_reason = "stopped"
    shop.south.save()
    assert set(work(batch).rows.values_list("state", flat=True)) == {"failed"}


def test_stop_leaves_the_rest_waiting_and_resume_goes_on(shop: Any, result: BulkRun) -> None:
    batch = begin(shop, result)
    actions.stop_batch(actor=shop.alice, batch=batch, at=AT)
    assert placing.place(batch.pk, timezone.now) == 0
    actions.resume_batch(actor=shop.alice, batch=batch, at=AT)
    assert work(batch).state == "done"


def test_nothing_chosen_is_said_instead_of_an_empty_batch(shop: Any, result: BulkRun) -> None:
    with pytest.raises(actions.NothingChosen):
        actions.create_batch(actor=shop.alice, run=result, rows=result.places.filter(line=3), at=AT)
    assert not OrderBatch.objects.exists()


def test_the_page_orders_ticked_rows_or_those_of_the_filter(shop: Any, result: BulkRun) -> None:
    alice = shop.client("alice")
    ticked = result.places.get(line=2).pk
    form = alice.post(f"/search/bulk/{result.pk}/order/", {"selected": [ticked]}).content.decode()
    assert f'name="selected" value="{ticked}"' in form
    data = {"selected": [ticked], "rule": "best", "customer": shop.harbour.pk, "act": "draft"}
    made = alice.post(f"/search/bulk/{result.pk}/order/", data)
    assert made.status_code == 302, made.content.decode()
    assert BatchRow.objects.get().line == 2
    wrong = alice.post(f"/search/bulk/{result.pk}/order/", {"rule": "operator", "act": "draft"})
    assert wrong.status_code == 422
    assert "Choose the operator" in wrong.content.decode()
    data = {"rule": "best", "customer": shop.harbour.pk, "act": "draft", "requested_date": "2020-01-01"}
    assert "past" in alice.post(f"/search/bulk/{result.pk}/order/", data).content.decode()
    data.pop("requested_date")
    alice.post(f"/search/bulk/{result.pk}/order/?outcome=orderable", data)
    assert OrderBatch.objects.order_by("-pk")[0].rows.count() == 2


def test_nobody_else_sees_a_batch(shop: Any, result: BulkRun) -> None:
    batch = work(begin(shop, result))
    for who in ("charlie", "olga", "cara"):
        assert shop.client(who).get(f"/search/batches/{batch.pk}/").status_code == 404
        assert shop.client(who).post(f"/search/batches/{batch.pk}/stop/").status_code == 404
    assert shop.client("bob").get(f"/search/batches/{batch.pk}/").status_code == 200
    other = Organisation.objects.get(slug="cobalt")
    assert not OrderBatch.objects.filter(organisation=other).exists()


def test_a_batch_costs_as_many_queries_with_200_rows_as_with_ten(shop: Any, result: BulkRun) -> None:
    BulkPlace.objects.bulk_create(
        BulkPlace(run=result, line=line, given="SW1A 1AA", place=shop.place, orderable=True) for line in range(4, 210)
    )
    batch = begin(shop, result)
    order = work(begin(shop, result)).rows.get(line=1).order
    batch.rows.update(state="draft", order=order)
    alice, counts = shop.client("alice"), []
    alice.get(f"/search/batches/{batch.pk}/")
    for most in (300, 11):
        batch.rows.filter(line__gt=most).delete()
        with CaptureQueriesContext(connection) as counted:
            alice.get(f"/search/batches/{batch.pk}/")
        counts.append(len(counted))
    assert counts[0] == counts[1]
