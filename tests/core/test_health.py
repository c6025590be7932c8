"""The health page, against the session's real database and broker."""

import pytest
from django.db import connection
from django.test import Client

from ofx.core.health import views
from ofx.core.health.actions import beat
from ofx.core.health.models import Heartbeat


@pytest.fixture
def ask(monkeypatch):
    """Ask /healthz, nothing kept from the question before."""

    def asked():
        monkeypatch.setattr(views, "_last", (float("-inf"), {}))
        return Client().get("/healthz")

    return asked


@pytest.mark.django_db(transaction=True)
def test_all_parts_alive_answer_200(ask):
    beat(part="worker")
    beat(part="scheduler")
    answer = ask()
    assert answer.status_code == 200
    assert answer.json()["down"] == []
    assert {"web", "database", "broker", "worker", "scheduler"} <= answer.json().keys()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("silent", "other"), [("worker", "scheduler"), ("scheduler", "worker")])
def test_a_part_that_fell_silent_is_named_and_the_other_is_not(ask, settings, silent, other):
    beat(part=silent)
    Heartbeat.objects.filter(part=silent).update(at="2026-01-01T00:00:00Z")
    beat(part=other)
    answer = ask()
    assert answer.status_code == 503
    assert answer.json()["down"] == [silent]
    assert answer.json()[other]["ok"]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_is_named_within_two_seconds(ask, settings, tmp_path):
    beat(part="worker")
    beat(part="scheduler")
    settings.BROKER_URL = f"redis+socket://{tmp_path}/nobody.sock"
    answer = ask()
    assert answer.status_code == 503
    assert answer.json()["down"] == ["broker"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_gone_is_a_503_and_no_500(ask, tmp_path, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", str(tmp_path))
    answer = ask()
    assert answer.status_code == 503
    assert answer.json()["down"] == ["database", "worker", "scheduler"]


@pytest.mark.django_db(transaction=True)
def test_health_may_only_be_read(ask):
    assert Client().post("/healthz").status_code == 405
