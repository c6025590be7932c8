"""`/metrics`, read as Prometheus reads it."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from ofx.core.events.actions import publish
from ofx.core.health import gauges, metrics
from ofx.core.health.models import Heartbeat
from ofx.embedded import paths
from partners.models import Endpoint, Message
from tests.conftest import AT
from tests.partners.conversations.conftest import hub, partner  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def numbers(monkeypatch: Any) -> Any:
    """Ask, nothing kept from the question before: {(name, labels): value}."""

    def asked(client: Client | None = None, **headers: str) -> dict[tuple[str, frozenset[Any]], float]:
        monkeypatch.setattr(metrics, "_rows", gauges.Rows())
        answer = (client or Client()).get("/metrics", headers=headers)
        assert answer.status_code == 200, answer.content
        found = text_string_to_metric_families(answer.content.decode())
        return {(s.name, frozenset(s.labels.items())): s.value for family in found for s in family.samples}

    return asked


def of(name: str, /, **labels: str) -> tuple[str, frozenset[Any]]:
    return name, frozenset(labels.items())


def test_requests_are_counted_by_the_name_of_their_view(numbers: Any) -> None:
    login = of("ofx_request_seconds_count", view="account_login", method="GET", status="2xx")
    lost = of("ofx_request_seconds_count", view="unknown", method="GET", status="4xx")
    before = numbers()
    client = Client()
    client.get("/accounts/login/")
    client.get("/no/such/page-of-somebody@example.com")
    after = numbers()
    assert after[login] == before.get(login, 0) + 1
    assert after[lost] == before.get(lost, 0) + 1
    assert not any("somebody" in str(key) for key in after)


def test_another_process_is_counted_too(numbers: Any, settings: Any) -> None:
    code = (
        "import django; django.setup(); from ofx.core.health.latency import note; note('elsewhere', 'GET', 503, 0.02)"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "ofx.settings"}
    subprocess.run([sys.executable, "-c", code], env=env, cwd=paths.CHECKOUT, check=True)
    assert numbers()[of("ofx_request_seconds_count", view="elsewhere", method="GET", status="5xx")] >= 1


def test_what_waits_is_told_with_its_age_and_what_blocks_it(hub: Any, numbers: Any) -> None:  # noqa: F811
    hub.send()
    hub.send("cancel")
    hub.send(key="OFX-2")
    Message.objects.filter(leg__our_key="OFX-2").update(state="failed")
    Message.objects.update(created_at=timezone.now() - timedelta(hours=2))
    publish("order.committed", "order:1", at=AT)
    Heartbeat.objects.create(part="worker", at=timezone.now())
    Endpoint.objects.update(failures=9)
    found = numbers()
    assert found[of("ofx_messages", state="queued")] == 2
    assert found[of("ofx_messages", state="blocked")] == 1
    assert found[of("ofx_messages", state="failed")] == 1
    assert 7200 <= found[of("ofx_messages_oldest_seconds")] < 7300
    assert found[of("ofx_events_open")] >= 1
    assert 0 <= found[of("ofx_heartbeat_age_seconds", part="worker")] < 60
    labels = {"endpoint": str(hub.endpoint.pk), "name": hub.endpoint.name, "kind": "tmf622"}
    assert found[of("ofx_endpoint_breaker_open", **labels)] == 1
    assert found[of("ofx_endpoint_active", **labels)] == 1
    assert found[of("ofx_imports", state="running")] == 0
    assert found[of("ofx_bulk_runs", state="queued")] == 0


def test_the_questions_stay_as_many_however_much_waits(hub: Any, numbers: Any) -> None:  # noqa: F811
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            numbers()
        return len(seen)

    few = asked()
    for number in range(30):
        hub.send(key=f"OFX-{number}")
    assert asked() == few
    with CaptureQueriesContext(connection) as seen:
        Client().get("/metrics")  # kept for a few seconds
    assert len(seen) == 0


def test_a_source_that_fails_is_named_and_costs_no_other(numbers: Any, monkeypatch: Any) -> None:
    def broken() -> Any:
        return gauges.rows("SELECT 1 / 0")

    def slow() -> Any:
        return gauges.rows("SELECT pg_sleep(9)")

    monkeypatch.setattr(gauges, "SOURCE_MS", 100)
    monkeypatch.setattr(gauges, "SOURCES", {"broken": broken, "slow": slow, **gauges.SOURCES})
    found = numbers()
    assert found[of("ofx_metrics_source_up", source="broken")] == 0
    assert found[of("ofx_metrics_source_up", source="slow")] == 0
    assert found[of("ofx_metrics_source_up", source="ofx.core.health.sources.events")] == 1
    assert of("ofx_messages", state="queued") in found


def test_only_this_machine_may_ask_where_no_token_is_set(settings: Any) -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="::1").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics").status_code == 401
    assert Client().get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 401
    assert Client().post("/metrics").status_code == 405


def test_with_a_token_everybody_needs_it(settings: Any) -> None:
    settings.METRICS_TOKEN = "a-token-for-prometheus"
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    right = {"Authorization": "Bearer a-token-for-prometheus"}
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics", headers=right).status_code == 200
