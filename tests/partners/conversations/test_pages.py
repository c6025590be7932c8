"""The pages and the API of messages, conversations and endpoints: who sees what, who may do what, at what cost."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.models import LogEntry
from partners.conversations import actions
from partners.models import Endpoint, Leg, Message
from tests.conftest import AT
from tests.partners.conversations.conftest import Partner, make_endpoint
from tests.partners.mapping.test_mail import HEAD

pytestmark = pytest.mark.django_db
NOBODY = ("charlie", "olga", "cara")


@pytest.fixture
def failed(hub: Any, partner: Partner) -> Message:
    """A create that the partner refused, its cancel waiting behind it."""
    partner.script = [lambda call: (400, {"code": "BAD", "reason": "Bad", "message": "<b>no postcode</b>"})]
    message = hub.send()
    hub.send("cancel")
    hub.drain()
    message.refresh_from_db()
    return message


@pytest.fixture
def pages(hub: Any, failed: Message) -> list[str]:
    assert failed.leg is not None
    return [
        f"/messages/{failed.pk}/",
        f"/conversations/{failed.leg.conversation_id}/",
        f"/endpoints/{hub.endpoint.pk}/",
    ]


def test_a_tenants_messages_are_404_for_everybody_else(hub: Any, pages: list[str]) -> None:
    for page in pages:
        assert hub.world.client("alice").get(page).status_code == 200
        assert hub.world.client("bob").get(page).status_code == 200
        assert hub.world.client("ada").get(page).status_code == 200
        assert hub.world.client("anonymous").get(page).status_code == 302
        for name in NOBODY:
            assert hub.world.client(name).get(page).status_code == 404
    for name in NOBODY:
        assert b"OFX-1" not in hub.world.client(name).get("/messages/").content
        assert b"Northfibre orders" not in hub.world.client(name).get("/endpoints/").content


def test_who_may_do_what(hub: Any, failed: Message) -> None:
    mail = make_endpoint(hub.world.northfibre, "", kind="email", organisation=hub.world.brightwave)
    e, m, leg = hub.endpoint.pk, failed.pk, failed.leg_id
    acts = [
        *(f"/messages/{m}/{act}/" for act in ("retry", "skip", "cancel", "replay")),
        f"/legs/{leg}/settle/",
        f"/legs/{leg}/refresh/",
        *(f"/endpoints/{e}/{act}/" for act in ("suspend", "resume", "test", "edit")),
        f"/endpoints/{mail.pk}/upload/",
        *(f"/api/v1/messages/{m}/{act}/" for act in ("retry", "skip", "cancel", "replay")),
        f"/api/v1/endpoints/{mail.pk}/upload/",
    ]
    for url in acts:
        api = url.startswith("/api/")
        bob = hub.world.api("bob") if api else hub.world.client("bob")
        body = {"data": b"x", "content_type": "text/csv"} if url.endswith("upload/") and api else {}
        assert bob.post(url, **body).status_code == 403, url
        for name in NOBODY:
            other = hub.world.api(name) if api else hub.world.client(name)
            assert other.post(url, **body).status_code == 404, (name, url)
        nobody = hub.world.api("anonymous") if api else hub.world.client("anonymous")
        assert nobody.post(url, **body).status_code in (302, 401, 403), url
        if not url.endswith("edit/"):
            assert hub.world.client("alice").get(url).status_code in (405, 302, 404), url
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_a_shared_endpoint_is_changed_by_the_exchange_only(hub: Any) -> None:
    shared = make_endpoint(hub.world.northfibre, "http://127.0.0.1:9", name="Shared way")
    assert hub.world.client("alice").get(f"/endpoints/{shared.pk}/").status_code == 200
    for act in ("suspend", "resume", "edit"):
        assert hub.world.client("alice").post(f"/endpoints/{shared.pk}/{act}/").status_code == 403
    assert hub.world.client("ada").post(f"/endpoints/{shared.pk}/suspend/").status_code == 302
    shared.refresh_from_db()
    assert shared.state == "suspended"


def test_retry_and_skip_work_from_the_page_and_say_who_did_it(hub: Any, partner: Partner, failed: Message) -> None:
    page = hub.world.client("alice").get(f"/messages/{failed.pk}/").content.decode()
    assert "Retry now" in page
    assert "&lt;b&gt;no postcode&lt;/b&gt;" in page
    assert "<b>no postcode</b>" not in page
    for _ in range(2):
        assert hub.world.client("alice").post(f"/messages/{failed.pk}/retry/").status_code == 302
    hub.drain()
    failed.refresh_from_db()
    assert failed.state == "delivered"
    assert LogEntry.objects.filter(verb="retried create", actor=hub.world.alice).exists()
    refused = hub.world.client("alice").post(f"/messages/{failed.pk}/skip/", follow=True)
    assert b"can no longer be taken back" in refused.content
    assert len(partner.orders) == 1


def test_the_message_page_masks_secrets(hub: Any) -> None:
    message = Message.objects.create(
        organisation=hub.world.brightwave,
        endpoint=hub.endpoint,
        direction="in",
        state="unrecognised",
        verb="notification",
        raw=json.dumps({"token": "partner-token", "name": "\u00e9"}).encode(),
        created_at=AT,
    )
    page = hub.world.client("alice").get(f"/messages/{message.pk}/").content.decode()
    assert "partner-token" not in page
    assert "\u00e9" in page
    detail = hub.world.api("alice").get(f"/api/v1/messages/{message.pk}/").json()
    assert "partner-token" not in detail["inbound"]
    for url in ("/api/v1/endpoints/", f"/api/v1/endpoints/{hub.endpoint.pk}/", f"/endpoints/{hub.endpoint.pk}/edit/"):
        answer = hub.world.api("alice").get(url) if "api" in url else hub.world.client("alice").get(url)
        assert answer.status_code == 200
        assert b"partner-token" not in answer.content
        assert hub.endpoint.inbound_key.encode() not in answer.content


def test_queued_messages_say_what_they_wait_for(hub: Any, failed: Message) -> None:
    page = hub.world.client("alice").get("/messages/?state=queued").content.decode()
    assert "Behind an older one" in page
    hub.send(key="OFX-2")
    actions.suspend(endpoint=hub.endpoint, actor=None, at=AT)
    assert "Paused" in hub.world.client("alice").get("/messages/").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("direction=out", 2),
        ("direction=in", 0),
        ("state=failed", 1),
        ("verb=cancel", 1),
        ("needs=true", 2),
        ("older=1", 2),
        ("q=OFX-1", 2),
        ("q=nothing", 0),
        ("state=nonsense", None),
        ("older=x", None),
        ("endpoint=999999", None),
    ],
)
def test_the_list_narrows_and_nonsense_is_no_500(hub: Any, failed: Message, query: str, found: int | None) -> None:
    assert hub.world.client("alice").get(f"/messages/?{query}").status_code == 200
    answer = hub.world.api("alice").get(f"/api/v1/messages/?{query}")
    if found is None:
        assert answer.status_code == 400
    elif not query.startswith("q="):
        assert answer.json()["count"] == found


def _rows(hub: Any, number: int, start: int = 0) -> None:
    for index in range(start, number):
        endpoint = make_endpoint(
            hub.world.northfibre, "http://127.0.0.1:9", name=f"Way {index}", organisation=hub.world.brightwave
        )
        leg = hub.leg(f"Q-{index}", at=endpoint, case="order:many" if index < 100 else f"order:{index}")
        for state in ("queued", "failed"):
            Message.objects.create(
                organisation=hub.world.brightwave, endpoint=endpoint, leg=leg, direction="out", state=state,
                verb="create", created_at=AT, next_attempt_at=AT,
            )  # fmt: skip


def _count(client: Any, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_lists_cost_the_same_at_10_and_at_200_rows(hub: Any) -> None:
    client, api = hub.world.client("alice"), hub.world.api("alice")
    _rows(hub, 10)
    many = Leg.objects.first().conversation_id  # type: ignore[union-attr]
    urls = ["/messages/", "/messages/?needs=true", "/endpoints/", f"/conversations/{many}/"]
    apis = ["/api/v1/messages/?limit=500", "/api/v1/endpoints/?limit=500"]
    for url in urls:
        client.get(url)
    few = [_count(client, url) for url in urls] + [_count(api, url) for url in apis]
    _rows(hub, 200, 10)
    assert [_count(client, url) for url in urls] + [_count(api, url) for url in apis] == few


def test_an_upload_is_read_and_reaches_only_ones_own_orders(hub: Any) -> None:
    shared = make_endpoint(
        hub.world.northfibre, "", name="Mail", kind="email", dialect="mailtel", address="orders@example.com"
    )
    mine, theirs = hub.leg("K-1", at=shared), hub.leg("K-2", at=shared, org=hub.world.cobalt)
    rows = [f"{key},MT-{key},2,2026-03-02T09:00:00Z,ACKNOWLEDGED,,,,ok" for key in ("K-1", "K-2")]
    content = "\r\n".join([HEAD, *rows]).encode()
    client = hub.world.client("alice")
    for _ in range(2):
        file = SimpleUploadedFile("updates.csv", content, "text/csv")
        assert client.post(f"/endpoints/{shared.pk}/upload/", {"file": file}).status_code == 302
    hub.read()
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.external_id, theirs.external_id) == ("MT-K-1", "")
    assert sorted(Message.objects.values_list("state", flat=True)) == ["duplicate", "unrouted"]
    answer = hub.world.api("ada").post(f"/api/v1/endpoints/{shared.pk}/upload/", data=content, content_type="text/csv")
    assert answer.status_code == 201
    hub.read()
    theirs.refresh_from_db()
    assert theirs.external_id == "MT-K-2"
    part = Message.objects.get(verb="part", leg=theirs)
    assert part.organisation_id == hub.world.cobalt.pk
    assert hub.world.client("charlie").get(f"/messages/{part.pk}/").status_code == 200
    assert hub.world.client("charlie").get(f"/messages/{part.caused_by_id}/").status_code == 404


def test_a_bad_upload_says_what_is_wrong(hub: Any, settings: Any) -> None:
    settings.INBOUND_MAX_BYTES = 1000
    assert hub.world.client("alice").post(f"/endpoints/{hub.endpoint.pk}/upload/").status_code == 404
    Endpoint.objects.update(kind="email", dialect="mailtel")
    url = f"/endpoints/{hub.endpoint.pk}/upload/"
    client = hub.world.client("alice")
    assert client.post(url).status_code == 400
    big = client.post(url, {"file": SimpleUploadedFile("x.csv", b"x" * 2000)})
    assert big.status_code == 400
    assert b"larger than" in big.content
    empty = client.post(url, {"file": SimpleUploadedFile("x.csv", b"")})
    assert empty.status_code == 400
    api = hub.world.api("alice")
    assert api.post(f"/api/v1{url}", data=b"x" * 2000, content_type="text/csv").status_code == 400
    assert api.post(f"/api/v1{url}", data=b"{}", content_type="application/json").status_code == 400
    assert api.post(f"/api/v1{url}", data=b"x", content_type="image/png").status_code == 415


def test_credentials_are_mended_on_the_page_and_logged_without_their_value(hub: Any) -> None:
    Endpoint.objects.update(state="auth_failed")
    url = f"/endpoints/{hub.endpoint.pk}/edit/"
    values = {
        "name": "Northfibre",
        "base_url": "ftp://x",
        "timeout_seconds": "0",
        "rate_per_minute": "10",
        "poll_seconds": "5",
    }
    bad = hub.world.client("alice").post(url, values)
    assert bad.status_code == 400
    assert b"Give a whole address" in bad.content
    good = {**values, "base_url": "https://api.example.com/v4/", "timeout_seconds": "10", "token": "brand-new-token"}
    assert hub.world.client("alice").post(url, good).status_code == 302
    hub.endpoint.refresh_from_db()
    assert (hub.endpoint.token, hub.endpoint.base_url) == ("brand-new-token", "https://api.example.com/v4")
    entry = LogEntry.objects.get(verb="changed the endpoint")
    assert entry.data["token"] == "changed"
    assert "brand-new-token" not in str(entry.data)
    hub.world.client("alice").post(url, {**good, "token": ""})
    hub.endpoint.refresh_from_db()
    assert hub.endpoint.token == "brand-new-token"


def test_the_test_of_a_connection_shows_each_finding(hub: Any, partner: Partner) -> None:
    client = hub.world.client("alice")
    assert client.post(f"/endpoints/{hub.endpoint.pk}/test/").status_code == 302
    page = client.get(f"/endpoints/{hub.endpoint.pk}/").content.decode()
    assert "Finding by our key" in page
    hub.endpoint.refresh_from_db()
    assert hub.endpoint.probed_at is not None
    partner.script = [lambda call: (401, {"code": "NO", "reason": "no"})]
    client.post(f"/endpoints/{hub.endpoint.pk}/test/")
    hub.endpoint.refresh_from_db()
    assert hub.endpoint.probe[0]["ok"] is False


def test_a_settled_case_no_longer_asks_for_a_person(hub: Any, failed: Message) -> None:
    for _ in range(2):
        assert hub.world.client("alice").post(f"/legs/{failed.leg_id}/settle/").status_code == 302
    assert Leg.objects.get(pk=failed.leg_id).attention == ""
    assert LogEntry.objects.filter(verb="settled").count() == 1
