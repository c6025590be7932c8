"""One id, from a request by the worker to the partner and back, in the logs of three processes."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from ofx.core.accounts.actions import issue_token
from partners.models import Endpoint, Message
from sandbox.process import Running
from tests.conftest import AT
from tests.crash.harness import Stage
from tests.ofx.orders.conftest import shop  # noqa: F401

ID = "trace-one-order-7"


@pytest.mark.django_db(transaction=True)
def test_one_id_leads_through_web_worker_and_partner(
    shop: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    with Running(tmp_path / "partners", day_seconds=0.05) as sandbox:
        sandbox.control("weights", {"partner": "*", "weights": {"clean": 1}})
        partner = sandbox.config.partner("northfibre")
        Endpoint.objects.filter(operator=shop.north).update(base_url=f"{sandbox.url}{partner.base_path}")
        endpoint = Endpoint.objects.get(operator=shop.north)
        endpoint.token = partner.token
        endpoint.save(update_fields=["token"])
        stage = Stage(tmp_path, sandbox)
        stage.env["OFX_LOG_LEVEL"] = "INFO"
        try:
            stage.broker.start()
            stage.web()
            stage.workers(1)
            stage.wait_for_web()
            placed(stage, shop)
            until(lambda: Message.objects.filter(direction="out", state="delivered").exists())
            until(lambda: lines(tmp_path / "worker0.log"))
        finally:
            stage.close()
        web, worker = lines(tmp_path / "web.log"), lines(tmp_path / "worker0.log")
        there = lines(sandbox.home / "sandbox" / "process.log")
    assert ("request", 201) in {(line["event"], line["status"]) for line in web}
    message = Message.objects.get(direction="out")
    assert ("delivery", message.pk) in {(line["event"], line.get("message_id")) for line in worker}
    assert ("POST", 201) in {(line["method"], line["status"]) for line in there}
    assert message.headers["x-request-id"] == ID


def placed(stage: Stage, world: Any) -> None:
    """An order by the API, over HTTP."""
    _, secret = issue_token(membership=world.alice.acting, label="trace", actor=None, at=AT)
    wanted = {"customer": world.harbour.pk, "items": [{"offering": world.fttp.pk}], "postcode": "sw1a1aa"}
    answer = requests.post(
        f"http://127.0.0.1:{stage.port}/api/v1/orders/",
        json={**wanted, "contact_name": "Paula Placeholder"},
        headers={"Authorization": f"Bearer {secret}", "X-Request-ID": ID},
        timeout=20,
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["X-Request-ID"] == ID


def lines(log: Path) -> list[dict[str, Any]]:
    """What one process wrote under our id."""
    return [json.loads(line) for line in log.read_text().splitlines() if ID in line and line.startswith("{")]


def until(done: Any, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)
