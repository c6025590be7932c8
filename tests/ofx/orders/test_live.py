"""Before an order leaves, live answers that expired are asked for again; how it ends is written back."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from ofx.core.models import LogEntry
from ofx.orders import actions
from ofx.search.models import LiveQuery, Verdict
from ofx.search.queries import qualify
from partners.models import Endpoint
from sandbox.process import Running
from sandbox.qualification import services
from tests.ofx.orders.conftest import AT, hear, news, part, run_events


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(Path(tmp_path_factory.mktemp("relive")), day_seconds=0.05) as running:
        yield running


@pytest.fixture
def asked(shop: Any, sandbox: Running) -> Any:
    """Northfibre answers live."""
    plan = sandbox.config.partner("northfibre")
    Endpoint.objects.filter(operator=shop.north).update(services=services(sandbox.url, plan), timeout_seconds=2)
    endpoint = Endpoint.objects.get(operator=shop.north)
    endpoint.token = plan.token
    endpoint.save(update_fields=["token"])
    return shop


def test_an_answer_that_expired_is_asked_for_again_before_the_order_leaves(asked: Any, order_for: Any) -> None:
    order = order_for()
    row = LiveQuery.objects.get()
    assert (row.state, row.reason, row.available) == ("answered", "order", True)
    assert order.submitted_at
    order_for()
    assert LiveQuery.objects.count() == 1, "an answer that holds is not asked for again"


def test_an_operator_that_says_no_now_is_named_with_its_reason(asked: Any, order_for: Any) -> None:
    line = {"available": False, "code": "fttp-500", "technology": "", "down_mbps": None, "text": "No free port"}
    LiveQuery.objects.create(
        organisation=asked.brightwave, operator=asked.north, place=asked.place, country="GB", code=asked.place.code,
        api="tmf679", reason="search", state="answered", asked_at=AT, ended_at=AT, available=False, lines=[line],
        valid_until=AT + timedelta(days=1), due_at=AT, give_up_at=AT,
    )  # fmt: skip
    draft = order_for(submit=False)
    with pytest.raises(actions.OrderInvalid, match="No free port"):
        actions.submit_order(actor=asked.alice, order=draft, at=AT)


def test_an_operator_that_stays_silent_stops_no_order_and_somebody_is_told(asked: Any, order_for: Any) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    dead = f"http://127.0.0.1:{server.getsockname()[1]}/poq"
    Endpoint.objects.filter(operator=asked.north).update(services={"tmf679": dead}, timeout_seconds=1)
    order = order_for()
    server.close()
    assert order.submitted_at
    entry = LogEntry.objects.get(subject=f"order:{order.pk}", verb="submitted the order")
    assert "no live answer" in entry.data["warnings"][0]


def test_the_form_says_who_did_not_answer(asked: Any) -> None:
    Endpoint.objects.filter(operator=asked.north).update(services={"tmf679": "http://127.0.0.1:9/poq"})
    data = {"customer": asked.harbour.pk, "contact_name": "Paula Placeholder", "contact_phone": "020 7946 0000"}
    alice = asked.client("alice")
    url = f"/orders/new/?offering={asked.fttp.pk}&place={asked.place.pk}"
    page = alice.post(url, data, follow=True).content.decode()
    assert "gave no live answer just now" in page


def test_a_refusal_for_the_network_leaves_a_ghost_and_a_completion_confirms(shop: Any, order_for: Any) -> None:
    refused = order_for()
    hear(refused, news("TERMINATED", 1, reason="NETWORK_INCOMPLETE", text="not built", outcome="rejected"))
    assert part(refused).state in ("rejected", "failed")
    run_events()
    verdict = Verdict.objects.get()
    assert (verdict.confirmed, verdict.reason, verdict.order) == (False, "NETWORK_INCOMPLETE", refused.reference)
    offer = qualify(organisation=shop.brightwave, at=timezone.now(), postcode="SW1A1AA").offer(shop.fttp.pk)
    assert offer is not None
    assert offer["ghost"]["order"] == refused.reference
    done = order_for()
    hear(done, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    run_events()
    assert Verdict.objects.filter(confirmed=True, order=done.reference).exists()


def test_a_refusal_for_wrong_data_says_nothing_about_the_place(shop: Any, order_for: Any) -> None:
    refused = order_for()
    hear(refused, news("TERMINATED", 1, reason="ORDER_DATA_ERROR", outcome="rejected"))
    run_events()
    assert not Verdict.objects.exists()
