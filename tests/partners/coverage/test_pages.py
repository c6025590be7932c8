"""Publications, the way of a file through the browser, and who may do what."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.models import LogEntry, User
from partners.coverage import loading
from partners.models import Footprint, FootprintRow, Import, RejectedRow
from tests.conftest import AT, operator, person, signed_in
from tests.partners.coverage.conftest import GOOD, csv_bytes, in_force

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Any) -> None:
    """Uploads of a test lie in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def own_network(world: Any) -> Any:
    """A network of Alice's provider."""
    return operator("brightnet", "Brightwave own network", on_net_of=world.brightwave, provenance="synthetic")


def upload(client: Any, op: Any, content: bytes, name: str = "coverage.csv") -> Any:
    """Post the first step."""
    return client.post(
        "/coverage/import/", {"operator": op.pk, "country": "GB", "file": SimpleUploadedFile(name, content)}
    )


def chosen(**changes: str) -> dict[str, str]:
    """The second step's fields as the page guesses them for our own header."""
    fields = {
        "postcode": "Postcode",
        "technology": "Technology",
        "status": "Status",
        "available_from": "Available from",
        "down_mbps": "Down",
        "up_mbps": "Up",
        "lead_days": "Lead time",
    }
    return {**fields, **changes}


def test_a_file_goes_from_upload_to_a_version_in_force(world: Any, own_network: Any) -> None:
    client = world.client("alice")
    bad = ["=1+1", *GOOD[1:]]
    answer = upload(client, own_network, csv_bytes(GOOD, bad))
    row = Import.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/coverage/import/{row.pk}/"
    page = client.get(answer["Location"]).content.decode()
    assert "1 of 2 would be rejected" in page
    assert "Load and publish" in page
    started = client.post(answer["Location"], {**chosen(), "start": "1"})
    assert started.status_code == 302
    row.refresh_from_db()
    assert row.state == "queued"
    assert client.get(f"/coverage/import/{row.pk}/live/").status_code == 200
    assert loading.load(row.pk, lambda: AT)
    row.refresh_from_db()
    assert (row.state, row.footprint.rows_total, row.footprint.rows_rejected) == ("done", 1, 1)
    assert not row.file
    assert client.get(f"/coverage/import/{row.pk}/live/").status_code == 286
    version = client.get(f"/coverage/{row.footprint_id}/").content.decode()
    assert "holds a formula" in version
    download = b"".join(client.get(f"/coverage/{row.footprint_id}/rejected.csv").streaming_content).decode()
    assert "'=1+1" in download
    assert "Postcode" in download
    assert in_force(own_network) == {("postcode", "SW1A1AA", "FTTP", "live")}


def test_a_second_worker_does_not_load_the_same_file_again(world: Any, own_network: Any) -> None:
    client = world.client("alice")
    upload(client, own_network, csv_bytes(GOOD))
    row = Import.objects.get()
    client.post(row.get_absolute_url(), {**chosen(), "start": "1"})
    assert loading.load(row.pk, lambda: AT)
    assert not loading.load(row.pk, lambda: AT)
    assert Footprint.objects.count() == 1
    assert client.post(row.get_absolute_url(), {**chosen(), "start": "1"}).status_code == 302
    assert Footprint.objects.count() == 1


def test_without_a_broker_the_sweep_loads_what_waits(world: Any, own_network: Any) -> None:
    client = world.client("alice")
    upload(client, own_network, csv_bytes(GOOD))
    row = Import.objects.get()
    client.post(row.get_absolute_url(), {**chosen(), "start": "1"})
    with broker_gone():
        assert loading.sweep(lambda: AT) == 1
    row.refresh_from_db()
    assert row.state == "done"


@contextlib.contextmanager
def broker_gone() -> Any:
    """Celery's application points at a port on which nobody listens."""
    before = current_app.conf.broker_url, current_app.conf.broker_write_url
    current_app.conf.broker_url = current_app.conf.broker_write_url = "redis://127.0.0.1:1/0"
    current_app.set_current()
    current_app._pool = None
    current_app.amqp._producer_pool = None
    try:
        yield
    finally:
        current_app.conf.broker_url, current_app.conf.broker_write_url = before
        current_app._pool = None
        current_app.amqp._producer_pool = None


def test_a_worker_that_died_is_replaced_and_in_the_end_told(world: Any, own_network: Any) -> None:
    client = world.client("alice")
    upload(client, own_network, csv_bytes(GOOD))
    row = Import.objects.get()
    client.post(row.get_absolute_url(), {**chosen(), "start": "1"})
    for attempt in (1, 2, 3):
        row.refresh_from_db()
        assert loading.claim(row, AT)
        loading.end_dead_imports(lambda: AT + timedelta(hours=1))
        row.refresh_from_db()
        assert row.state == ("queued" if attempt < 3 else "failed")
    assert "stopped halfway" in row.error
    assert "Choose the columns again" in client.get(row.get_absolute_url()).content.decode()


def test_a_mapping_that_will_not_do_is_said_at_its_column(world: Any, own_network: Any) -> None:
    client = world.client("alice")
    upload(client, own_network, csv_bytes(GOOD))
    row = Import.objects.get()
    answer = client.post(row.get_absolute_url(), {**chosen(technology=""), "start": "1"})
    assert answer.status_code == 422
    assert "Choose the technology" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "uploaded"


def test_one_value_for_every_row_fills_a_missing_column(world: Any, own_network: Any) -> None:
    client = world.client("alice")
    upload(client, own_network, b"postcode\nM1 1AE\n")
    row = Import.objects.get()
    client.post(
        row.get_absolute_url(), {"postcode": "postcode", "technology": "=", "technology__fixed": "EAD", "start": 1}
    )
    loading.load(row.pk, lambda: AT)
    assert in_force(own_network) == {("postcode", "M11AE", "EAD", "live")}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("coverage.csv", b"", "empty"),
        ("coverage.csv", b"\x00\x00\x00", "not a text file"),
        ("coverage.exe", b"MZ", "CSV or an XLSX"),
        ("coverage.xlsx", b"PK\x03\x04zip", "damaged"),
        ("coverage.csv", b"SW1A 1AA,FTTP\nM1 1AE,FTTP", "names of the columns"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_fix(
    world: Any, own_network: Any, name: str, content: bytes, says: str
) -> None:
    answer = upload(world.client("alice"), own_network, content, name)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Import.objects.exists()


def test_a_file_above_the_limit_is_refused_before_it_fills_the_disk(
    world: Any, own_network: Any, settings: Any, tmp_path: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 200_000
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    answer = upload(world.client("alice"), own_network, b"Postcode\n" + b"M1 1AE\n" * 100_000)
    assert answer.status_code == 413
    assert "larger than" in answer.content.decode()
    assert not Import.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size > 200_000] == []


def test_the_limit_holds_when_the_header_lies(world: Any, own_network: Any, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000
    answer = upload(world.client("alice"), own_network, b"Postcode\n" + b"M1 1AE\n" * 5_000)
    assert answer.status_code == 413


def test_nobody_publishes_for_another_operator(world: Any, own_network: Any) -> None:
    for who in ("alice", "charlie"):
        assert upload(world.client(who), world.northfibre, csv_bytes(GOOD)).status_code == 422
    assert upload(world.client("charlie"), own_network, csv_bytes(GOOD)).status_code == 422
    for who in ("bob", "olga", "cara"):
        assert upload(world.client(who), own_network, csv_bytes(GOOD)).status_code == 403
    assert not Import.objects.exists()


def test_an_operators_administrator_publishes_its_own_coverage(world: Any) -> None:
    person("otto@example.com", world.northfibre.organisation, "admin")
    client = signed_in(User.objects.get(email="otto@example.com"))
    assert upload(client, world.northfibre, csv_bytes(GOOD)).status_code == 302
    assert Import.objects.get().operator == world.northfibre


def test_a_file_under_way_is_its_owners_only(world: Any, own_network: Any) -> None:
    upload(world.client("alice"), own_network, csv_bytes(GOOD))
    row = Import.objects.get()
    for who in ("charlie", "olga", "cara"):
        assert world.client(who).get(row.get_absolute_url()).status_code == 404
        assert world.client(who).get(f"{row.get_absolute_url()}live/").status_code == 404
    assert world.client("bob").get(row.get_absolute_url()).status_code == 403


def published(op: Any, number: int = 1, state: str = "active") -> Footprint:
    """A version without rows."""
    return Footprint.objects.create(
        operator=op, number=number, state=state, created_at=AT, published_at=AT, rows_total=1
    )


def test_another_providers_own_network_is_not_there(world: Any, own_network: Any) -> None:
    version = published(own_network)
    assert world.client("alice").get(version.get_absolute_url()).status_code == 200
    assert world.client("charlie").get(version.get_absolute_url()).status_code == 404
    assert "Brightwave own network" not in world.client("charlie").get("/coverage/").content.decode()
    assert world.client("olga").get(version.get_absolute_url()).status_code == 404
    assert world.client("cara").get("/coverage/").status_code == 403
    assert world.client("anonymous").get("/coverage/").status_code == 302


def test_rejected_rows_and_the_way_back_are_the_publishers_only(world: Any) -> None:
    old, new = published(world.northfibre, 1, "replaced"), published(world.northfibre, 2)
    RejectedRow.objects.create(footprint=new, line=2, reason="bad", raw=[["Postcode", "secret"]])
    for who in ("alice", "charlie", "bob", "olga"):
        client = world.client(who)
        assert "secret" not in client.get(new.get_absolute_url()).content.decode()
        assert client.get(f"{new.get_absolute_url()}rejected.csv").status_code == 403
        assert client.post(f"{old.get_absolute_url()}restore/").status_code == 403
    ada = world.client("ada")
    assert "secret" in ada.get(new.get_absolute_url()).content.decode()
    assert ada.post(f"{old.get_absolute_url()}restore/").status_code == 302
    old.refresh_from_db()
    assert old.state == "active"
    assert LogEntry.objects.filter(subject=f"footprint:{old.pk}", verb="restored a footprint").exists()
    again = ada.post(f"{old.get_absolute_url()}restore/", follow=True).content.decode()
    assert "can be restored" in again


def test_the_list_asks_as_much_for_200_versions_as_for_10(world: Any) -> None:
    client = world.client("alice")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/coverage/").status_code == 200
        return len(seen)

    for number in range(10):
        published(operator(f"op{number}"))
    client.get("/coverage/")
    few = queries()
    for number in range(10, 200):
        published(operator(f"op{number}"))
    assert queries() == few


def test_html_in_a_file_stays_text(world: Any, own_network: Any) -> None:
    client = world.client("alice")
    evil = "<script>alert(1)</script>"
    upload(client, own_network, csv_bytes([evil, *GOOD[1:]], GOOD), f"{evil}.csv")
    row = Import.objects.get()
    assert evil not in client.get(row.get_absolute_url()).content.decode()
    client.post(row.get_absolute_url(), {**chosen(), "start": "1"})
    loading.load(row.pk, lambda: AT)
    row.refresh_from_db()
    assert evil not in client.get(f"/coverage/{row.footprint_id}/").content.decode()
    assert FootprintRow.objects.count() == 1
