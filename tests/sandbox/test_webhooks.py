import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from sandbox.process import Running
from tests.sandbox.conftest import Listener, order_body, place, until, wait_for


def _subscribe(running: Running, partner: str, callback: str, query: str = "") -> dict[str, Any]:
    answer = running.api(partner, "POST", "/hub", json={"callback": callback, "query": query})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"/hub/{answer.json()['id']}")
    return answer.json()


@pytest.fixture
def north(running: Running, listener: Listener) -> Any:
    hub = _subscribe(running, "northfibre", listener.url)
    yield listener
    running.api("northfibre", "DELETE", f"/hub/{hub['id']}")


@pytest.fixture
def east(running: Running, listener: Listener) -> Any:
    hub = _subscribe(running, "eastwave", listener.url)
    yield listener
    running.api("eastwave", "DELETE", f"/hub/{hub['id']}")


def _events(listener: Listener, order_id: str) -> list[dict[str, Any]]:
    bodies = [json.loads(body) for _, _, body in list(listener.received)]
    return [b for b in bodies if b["event"].get("productOrder", {}).get("id") == order_id]


def _sequences(events: list[dict[str, Any]]) -> list[int]:
    return [event["event"]["productOrder"]["sequence"] for event in events]


def test_northfibre_tells_every_change_once_in_order_with_the_whole_order(running: Running, north: Listener) -> None:
    order = place(running, "northfibre", "told", "delay")
    until(running, "northfibre", order["id"], "completed")
    events = wait_for(lambda: (e := _events(north, order["id"])) and len(e) >= 9 and e)
    assert _sequences(events) == list(range(1, 10))
    kinds = [event["eventType"] for event in events]
    assert kinds[0] == "ProductOrderCreateEvent"
    assert kinds[-1] == "ProductOrderStateChangeEvent"
    assert "ProductOrderAttributeValueChangeEvent" in kinds
    assert len({event["eventId"] for event in events}) == 9
    assert events[-1]["event"]["productOrder"]["externalId"] == "told"
    words = [event["event"]["productOrder"]["updateType"] for event in events]
    assert words[3:6] == ["COMMITTED", "DELAY", "RESUMED"]


def test_every_notification_is_signed_by_the_published_standard(running: Running, north: Listener) -> None:
    place(running, "northfibre", "signed", "silence")
    wait_for(lambda: north.received)
    path, headers, body = north.received[0]
    lower = {name.lower(): value for name, value in headers.items()}
    secret = running.config.partner("northfibre").webhook_secret
    assert path == "/hook"
    assert lower["x-ofx-simulated"] == "yes"
    assert Webhook(secret).verify(body, lower)["eventType"] == "ProductOrderCreateEvent"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", lower)


def test_the_signer_gives_the_published_vector() -> None:
    signed = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        '{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_notification_is_sent_again_until_it_gets_a_2xx_and_later_ones_wait(
    running: Running, north: Listener
) -> None:
    north.statuses[:] = [500, 302]
    order = place(running, "northfibre", "again", "silence")
    events = wait_for(lambda: (e := _events(north, order["id"])) and len(e) >= 4 and e)
    assert _sequences(events) == [1, 1, 1, 2]
    assert len({event["eventId"] for event in events[:3]}) == 1
    told = running.journal("northfibre", kind="notification", external_id="again")
    wait_for(lambda: len(running.journal("northfibre", kind="notification", external_id="again")) == 4)
    assert [entry["outcome"] for entry in told][:3] == ["refused", "refused", "delivered"]


def test_eastwave_repeats_and_reorders(running: Running, east: Listener) -> None:
    running.control("faults", {"partner": "eastwave", "repeat": 0.5, "reorder": 0.5})
    ids = [place(running, "eastwave", f"chaos-{number}", "delay")["id"] for number in range(6)]
    for order_id in ids:
        until(running, "eastwave", order_id, "completed")
    told = wait_for(
        lambda: (
            all(set(_sequences(_events(east, i))) == set(range(1, 10)) for i in ids)
            and [_sequences(_events(east, i)) for i in ids]
        )
    )
    running.control("faults", {"partner": "eastwave"})
    assert any(len(sequences) > 9 for sequences in told)
    assert any(sequences != sorted(sequences) for sequences in told)


def test_event_ids_of_northfibre_and_eastwave_collide(tmp_path: Path, listener: Listener) -> None:
    with Running(tmp_path) as running:
        for partner in ("northfibre", "eastwave"):
            _subscribe(running, partner, f"{listener.url}/{partner}")
            place(running, partner, "same", "silence")

        def first_ids() -> set[str]:
            bodies = [(path, json.loads(body)) for path, _, body in list(listener.received)]
            return {path for path, body in bodies if body["eventId"] == "1-1"}

        wait_for(lambda: first_ids() == {"/hook/northfibre", "/hook/eastwave"})


def test_the_query_of_a_subscription_chooses_the_events(running: Running, listener: Listener) -> None:
    hub = _subscribe(running, "northfibre", listener.url, "eventType=ProductOrderStateChangeEvent")
    order = place(running, "northfibre", "chosen", "clean")
    until(running, "northfibre", order["id"], "completed")
    wait_for(lambda: len(_events(listener, order["id"])) >= 2)
    running.api("northfibre", "DELETE", f"/hub/{hub['id']}")
    assert {event["eventType"] for event in _events(listener, order["id"])} == {"ProductOrderStateChangeEvent"}


def test_when_we_must_act_an_information_required_event_comes_beside(running: Running, north: Listener) -> None:
    order = place(running, "northfibre", "act", "held_customer")
    until(running, "northfibre", order["id"], "completed")
    wait_for(lambda: len(_events(north, order["id"])) >= 10)
    events = _events(north, order["id"])
    asked = [e for e in events if e["eventType"] == "ProductOrderInformationRequiredEvent"]
    assert len(asked) == 1
    sequence = asked[0]["event"]["productOrder"]["sequence"]
    assert _sequences(events).count(sequence) == 2


def test_a_cancel_task_tells_its_states(running: Running, north: Listener) -> None:
    order = place(running, "northfibre", "cancel-told", "silence")
    body = {"productOrder": {"id": order["id"]}}
    running.api("northfibre", "POST", "/cancelProductOrder", json=body)
    until(running, "northfibre", order["id"], "cancelled")

    def states() -> list[str]:
        events = [json.loads(body)["event"] for _, _, body in list(north.received)]
        return [event["cancelProductOrder"]["state"] for event in events if "cancelProductOrder" in event]

    assert wait_for(lambda: len(states()) == 3 and states()) == ["acknowledged", "inProgress", "done"]


def test_the_same_callback_twice_gets_409_and_gone_ends_the_subscription(running: Running, listener: Listener) -> None:
    hub = _subscribe(running, "northfibre", listener.url)
    again = running.api("northfibre", "POST", "/hub", json={"callback": listener.url})
    assert again.status_code == 409
    assert again.json()["referenceError"].endswith(hub["id"])
    assert hub in running.api("northfibre", "GET", "/hub").json()
    listener.statuses[:] = [410]
    place(running, "northfibre", "gone", "silence")
    wait_for(lambda: running.api("northfibre", "GET", f"/hub/{hub['id']}").status_code == 404)
    assert running.api("northfibre", "DELETE", f"/hub/{hub['id']}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"callback": 7}, {"callback": "ftp://x"}, {"callback": "http://x", "query": 1}])
def test_a_subscription_without_a_proper_callback_gets_400(running: Running, body: dict[str, Any]) -> None:
    assert running.api("northfibre", "POST", "/hub", json=body).status_code == 400


def test_what_was_not_delivered_before_sigkill_is_delivered_after(tmp_path: Path, listener: Listener) -> None:
    with Running(tmp_path) as running:
        _subscribe(running, "northfibre", listener.url)
        listener.statuses[:] = [503] * 2
        order = place(running, "northfibre", "survives", "clean")
        wait_for(lambda: listener.received)
        running.kill()
        running.start()
        until(running, "northfibre", order["id"], "completed")
        events = wait_for(lambda: (e := _events(listener, order["id"])) and _sequences(e)[-1] == 7 and e)
        assert set(_sequences(events)) == set(range(1, 8))


def test_the_path_behind_the_callback_can_be_that_of_the_standard(tmp_path: Path, listener: Listener) -> None:
    running = Running(tmp_path)
    path = tmp_path / "sandbox" / "config.json"
    raw = json.loads(path.read_text())
    raw["partners"][0]["habits"]["listener_path"] = "/listener/{event}"
    path.write_text(json.dumps(raw))
    with running:
        _subscribe(running, "northfibre", listener.url)
        running.api("northfibre", "POST", "/productOrder", json=order_body("standard", "silence"))
        wait_for(lambda: listener.received)
        assert listener.received[0][0] == "/hook/listener/productOrderCreateEvent"
