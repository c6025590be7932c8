"""What the logs say, and what they must never say."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import clear_url_caches, path

from ofx import urls
from ofx.core import outbound, tracing
from ofx.core.logs import formatter, scrubbed
from tests.partners.conversations.conftest import Partner, partner  # noqa: F401

SECRET = "wZ3kQ9-vT7_bN5xL2mR8pC1d"
MAIL = "paula.placeholder@example.com"


@pytest.fixture
def lines() -> Iterator[Any]:
    """Every line that the product writes, as it stands in the log."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)


def failing(request: HttpRequest, token: str) -> None:
    """A page of ours with a defect whose message tells everything."""
    logging.getLogger("ofx.somewhere").warning("asked by %s", MAIL, extra={"headers": dict(request.headers)})
    raise ValueError(f"Key (email)=({MAIL}) already exists; the token was {token}, Authorization: Bearer {SECRET}")


@pytest.mark.django_db
def test_a_failing_request_leaves_its_trace_but_no_token_and_no_address(lines: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("failing/<str:token>/", failing)])
    clear_url_caches()
    client = Client(raise_request_exception=False)
    headers = {"Authorization": f"Bearer {SECRET}", "X-Request-ID": "trace-me-1", "Cookie": f"sessionid={SECRET}"}
    answer = client.post(f"/failing/{SECRET}/?email={MAIL}", {"email": MAIL, "password": SECRET}, headers=headers)
    clear_url_caches()
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] == "trace-me-1"
    found = lines()
    assert any("ValueError" in line.get("exception", "") for line in found)
    assert {line["request_id"] for line in found} == {"trace-me-1"}
    text = json.dumps(found)
    for hidden in (SECRET, MAIL, "paula.placeholder"):
        assert hidden not in text
    [own] = [line for line in found if line["event"] == "request"]
    assert (own["route"], own["status"], own["method"]) == ("failing/<str:token>/", 500, "POST")


@pytest.mark.django_db
def test_every_answer_has_an_id_and_a_strange_one_is_replaced() -> None:
    client = Client()
    assert client.get("/accounts/login/", headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"] == "abc-123"
    for strange in ("", "a b", 'x"}\n{', "é", "<script>"):
        given = client.get("/nowhere", headers={"X-Request-ID": strange}).headers["X-Request-ID"]
        assert len(given) == 32, strange
        assert given.isalnum()


def test_an_outgoing_call_carries_the_id_of_what_caused_it(partner: Partner) -> None:  # noqa: F811
    with tracing.bound(request_id="from-a-request"):
        outbound.request("GET", f"{partner.url}/productOrder")
    outbound.request("GET", f"{partner.url}/productOrder")
    first, second = partner.seen
    assert first.headers["x-request-id"] == "from-a-request"
    assert "x-request-id" not in second.headers


@pytest.mark.parametrize(
    "text",
    [
        f"Bearer {SECRET}",
        f"https://ofx.example/accounts/invitation/{SECRET}/",
        f"token ofx_{SECRET}",
        "postgresql://ofx:hunter2@db/ofx",
        f"Mail to <{MAIL}> failed",
    ],
)
def test_secrets_and_addresses_are_masked_anywhere_in_a_text(text: str) -> None:
    for hidden in (SECRET, MAIL, "hunter2"):
        assert hidden not in scrubbed(text)


@pytest.mark.parametrize(
    "text",
    [
        "OFX-000123 at northfibre: HTTP 500",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "/srv/ofx/partners/conversations/delivery.py",
        "test_a_name_that_is_long_and_has_words_only",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert scrubbed(text) == text
