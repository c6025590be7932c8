"""Subscriptions and notifications: signed, in order, filtered, retried, given up, and never another tenant's."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from ofx.core.clock import now
from ofx.core.events.actions import handle, handle_due
from ofx.core.events.models import Event
from ofx.orders.models import Order
from ofx.tmf.hub import delivery
from ofx.tmf.hub.delivery import Outcome
from ofx.tmf.models import Notification, Subscription
from ofx.tmf.product_order.telling import NAMES
from tests.ofx.orders.conftest import hear, news, run_events
from tests.tmf.conftest import BASE, address
from tests.tmf.test_tmf622_contract import CONTRACTS

Ordered = Callable[..., dict[str, Any]]


class Callback:
    """A buyer's own HTTP server: keeps what it was told, answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 201
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *values: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/told"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def types(self) -> list[str]:
        return [json.loads(body)["eventType"] for _, _, body in self.got]


@pytest.fixture
def callback() -> Iterator[Callback]:
    """A callback that listens."""
    made = Callback()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def hub(buyer: Any, callback: Callback) -> Callable[..., dict[str, Any]]:
    """`hub("v5", query="…")`: a subscription of Alice's provider."""

    def subscribe(version: str = "v4", **fields: Any) -> dict[str, Any]:
        answer = buyer.post(f"{BASE}/{version}/hub", {"@type": "Hub", "callback": callback.url, **fields})
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        return found

    return subscribe


def deliver() -> int:
    """What subscribers and the sweep do."""
    run_events()
    return delivery.drain(now)


def lived(made: dict[str, Any]) -> Order:
    """An order that its partner commits to, delays and completes."""
    order = Order.objects.get(reference=made["id"])
    hear(order, news("ACKNOWLEDGED", 1, external_id="7"))
    hear(order, news("COMMITTED", 2, committed_date=datetime(2027, 4, 1, tzinfo=UTC).date()))
    hear(order, news("INFORMATION_REQUIRED", 3, text="Which floor?"))
    hear(order, news("RESUMED", 4), news("WARNING", 5, text="the duct may be full"))
    hear(order, news("COMPLETED", 6))
    return order


@pytest.mark.parametrize("version", ["v4", "v5"])
def test_a_whole_order_is_told_in_order_signed_and_as_the_file_says(
    version: str, hub: Any, callback: Callback, ordered: Ordered
) -> None:
    subscription = hub(version)
    made = ordered(version)
    lived(made)
    deliver()
    wanted = {
        "v4": ["Create", "StateChange", "AttributeValueChange", "StateChange", "InformationRequired", "StateChange"],
        "v5": ["Create", "Milestone", "Milestone", "AttributeValueChange", "InformationRequired", "JeopardyAlert"],
    }[version]
    types = callback.types()
    for word in wanted:
        assert f"ProductOrder{word}Event" in types
    assert types[0] == "ProductOrderCreateEvent"
    bodies = [json.loads(body) for _, _, body in callback.got]
    states = [one["event"]["productOrder"]["state"] for one in bodies if one["eventType"].endswith("StateChangeEvent")]
    assert states == ["inProgress", "pending", "inProgress", "completed"]
    for path, headers, body in callback.got:
        told = json.loads(body)
        Webhook(subscription["secret"]).verify(body, headers)
        name = told["eventType"]
        assert path == f"/told/listener/{name[0].lower()}{name[1:]}"
        assert headers["webhook-id"] == told["eventId"]
        CONTRACTS[version].check_event(told)
    assert len({body["eventId"] for body in bodies}) == len(bodies)


def test_telling_again_adds_nothing(hub: Any, callback: Callback, ordered: Ordered) -> None:
    hub()
    lived(ordered())
    deliver()
    count = len(callback.got)
    Notification.objects.update(next_attempt_at=now())
    handle_due(older_than=timedelta(seconds=-1))
    assert delivery.drain(now) == 0
    assert len(callback.got) == count


def test_handlers_that_run_in_the_wrong_order_still_tell_in_the_right_one(
    hub: Any, callback: Callback, ordered: Ordered
) -> None:
    hub(query="eventType=ProductOrderCreateEvent,ProductOrderStateChangeEvent")
    lived(ordered())
    for event in Event.objects.filter(name__in=NAMES).order_by("-pk"):
        handle(event.pk, "ofx.tmf.subscribers.tell_buyers")
    delivery.drain(now)
    states = [json.loads(body)["event"]["productOrder"]["state"] for _, _, body in callback.got]
    assert callback.types()[0] == "ProductOrderCreateEvent"
    assert states[1:] == ["inProgress", "pending", "inProgress", "completed"]


def test_what_a_patch_changed_is_told_with_its_names(
    hub: Any, callback: Callback, buyer: Any, ordered: Ordered
) -> None:
    hub(query="eventType=ProductOrderAttributeValueChangeEvent")
    path = f"{BASE}/v4/productOrder/{ordered()['id']}"
    buyer.patch(path, {"description": "two desks", "priority": "1"})
    buyer.patch(path, {"description": "two desks"})
    deliver()
    (told,) = [json.loads(body) for _, _, body in callback.got]
    assert told["fieldPath"] == "description,priority"
    assert told["event"]["productOrder"]["description"] == "two desks"


def test_a_query_chooses_what_is_told(hub: Any, callback: Callback, ordered: Ordered) -> None:
    hub(query="eventType=ProductOrderStateChangeEvent&state=completed,pending")
    lived(ordered())
    deliver()
    assert callback.types() == ["ProductOrderStateChangeEvent"] * 2


def test_the_callback_itself_is_posted_to_where_that_is_asked(hub: Any, callback: Callback, ordered: Ordered) -> None:
    hub(query="eventType=ProductOrderCreateEvent&listenerPath=bare")
    hub(listenerPath="bare", query="eventType=ProductOrderCreateEvent,ProductOrderDeleteEvent")
    ordered()
    deliver()
    assert [path for path, _, _ in callback.got] == ["/told", "/told"]


@pytest.mark.parametrize("version", ["v4", "v5"])
def test_cancels_and_deletions_are_told_too(
    version: str, hub: Any, callback: Callback, buyer: Any, ordered: Ordered
) -> None:
    hub(version)
    made = ordered(version)
    reference = {"id": made["id"], "@type": "ProductOrderRef"}
    buyer.post(f"{BASE}/{version}/cancelProductOrder", {"@type": "CancelProductOrder", "productOrder": reference})
    lost = ordered(
        version, externalId=None, productOrderItem=[{"@type": "ProductOrderItem", "id": "1", "action": "add"}]
    )
    run_events()
    buyer.delete(f"{BASE}/{version}/productOrder/{lost['id']}")
    deliver()
    types = callback.types()
    for name in ("CancelProductOrderCreateEvent", "CancelProductOrderStateChangeEvent", "ProductOrderDeleteEvent"):
        assert name in types
    assert ("ProductOrderErrorMessageEvent" in types) == (version == "v5")
    for _, _, body in callback.got:
        CONTRACTS[version].check_event(json.loads(body))


def test_a_refused_notification_is_tried_again_and_holds_up_only_its_own_order(
    hub: Any, callback: Callback, ordered: Ordered, settings: Any
) -> None:
    settings.HUB_BREAKER_FAILURES = 100
    hub()
    callback.status = 503
    lived(ordered(externalId="A-1"))
    run_events()
    ordered(externalId="A-2")
    assert deliver() >= 2
    waiting = Notification.objects.filter(state="queued").order_by("pk")
    tried = waiting.filter(attempt__gt=0)
    assert {row.event_type for row in tried} == {"ProductOrderCreateEvent"}  # one an order, what follows waits
    assert tried.first().last_status == 503
    callback.status, callback.got = 204, []
    Notification.objects.update(next_attempt_at=timezone.now())
    deliver()
    assert not waiting.exists()
    first = [body["event"]["productOrder"]["externalId"] for body in map(json.loads, (b for _, _, b in callback.got))]
    assert sorted(first) == sorted(["A-2"] + ["A-1"] * (len(first) - 1))


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500])
def test_only_2xx_counts_as_taken(hub: Any, callback: Callback, ordered: Ordered, status: int) -> None:
    hub()
    callback.status = status
    ordered()
    deliver()
    row = Notification.objects.get()
    assert (row.state, row.last_status) == ("queued", status)


def test_a_callback_that_is_gone_is_told_nothing_more(hub: Any, callback: Callback, ordered: Ordered) -> None:
    hub()
    callback.status = 410
    lived(ordered())
    deliver()
    assert Subscription.objects.get().state == "gone"
    assert set(Notification.objects.values_list("state", flat=True)) == {"failed"}


def test_a_dead_callback_rests_and_its_notifications_are_given_up_after_days(
    hub: Any, callback: Callback, ordered: Ordered, settings: Any
) -> None:
    settings.HUB_BREAKER_FAILURES, settings.HUB_RETRY_SECONDS = 1, 1
    hub()
    callback.status = 500
    ordered(externalId="A-1"), ordered(externalId="A-2")
    deliver()
    assert Subscription.objects.get().open_until is not None
    tries = len(callback.got)
    Notification.objects.update(next_attempt_at=timezone.now())
    deliver()
    assert len(callback.got) == tries
    Notification.objects.update(created_at=timezone.now() - timedelta(days=settings.NOTIFY_DAYS, seconds=1))
    assert delivery.give_up(now()) == 2
    assert set(Notification.objects.values_list("state", flat=True)) == {"failed"}


def test_a_worker_that_comes_back_too_late_writes_nothing(hub: Any, callback: Callback, ordered: Ordered) -> None:
    hub()
    ordered()
    run_events()
    (claim,) = delivery.claim(8, "slow")
    Notification.objects.update(lease_until=None)
    (other,) = delivery.claim(8, "quick")
    row = Notification.objects.select_related("subscription").get()
    delivery._write_back(claim, row, Outcome(201), now())
    assert Notification.objects.get().state == "queued"
    delivery._write_back(other, row, Outcome(201), now())
    assert Notification.objects.get().state == "delivered"


def test_nobody_is_told_of_another_tenants_orders(shop: Any, callback: Callback, ordered: Ordered) -> None:
    answer = shop.api("charlie").post(f"{BASE}/v4/hub", {"callback": callback.url})
    assert answer.status_code == 201
    lived(ordered())
    deliver()
    assert callback.got == []
    theirs = address(answer.headers["Location"])
    assert shop.api("alice").get(theirs).status_code == 404
    assert shop.api("alice").delete(theirs).status_code == 404


def test_a_subscription_is_read_without_its_secret_and_ended(buyer: Any, hub: Any, ordered: Ordered) -> None:
    made = hub("v5")
    ordered()
    run_events()
    path = f"{BASE}/v5/hub/{made['id']}"
    assert "secret" not in buyer.get(path).json()
    assert buyer.delete(path).status_code == 204
    assert buyer.delete(path).status_code == 404
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/x",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://user:word@127.0.0.1/",
        "http://no-such-host.invalid/",
        "nonsense",
        "http://127.0.0.1:99999/",
    ],
)
def test_a_callback_that_we_may_not_post_to_is_refused(buyer: Any, url: str) -> None:
    answer = buyer.post(f"{BASE}/v4/hub", {"callback": url})
    assert answer.status_code == 400
    assert answer.json()["reason"].startswith("callback")


def test_production_tells_only_https(buyer: Any, settings: Any, callback: Callback) -> None:
    settings.OFX_ENV = "production"
    assert buyer.post(f"{BASE}/v4/hub", {"callback": callback.url}).status_code == 400


def test_the_same_subscription_twice_and_one_too_many_are_conflicts(buyer: Any, hub: Any, monkeypatch: Any) -> None:
    first = hub()
    again = buyer.post(f"{BASE}/v4/hub", {"callback": first["callback"]})
    assert (again.status_code, again.json()["referenceError"].rpartition("/")[2]) == (409, first["id"])
    monkeypatch.setattr("ofx.tmf.hub.actions.MOST_SUBSCRIPTIONS", 1)
    assert buyer.post(f"{BASE}/v4/hub", {"callback": first["callback"] + "/2"}).status_code == 409


@pytest.mark.parametrize("query", ["eventType=NoSuchEvent", "colour=blue", "eventType.regex=.*", "$.eventType"])
def test_a_query_that_cannot_be_kept_is_refused(buyer: Any, callback: Callback, query: str) -> None:
    answer = buyer.post(f"{BASE}/v4/hub", {"callback": callback.url, "query": query})
    assert answer.status_code == 400


def test_the_published_vector_of_the_signature_holds() -> None:
    webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = datetime.fromtimestamp(1614265330, UTC)
    signed = webhook.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", moment, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
