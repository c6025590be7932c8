"""What is held on a person: a copy of it, and its erasure."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from ofx.core.accounts.actions import issue_token
from ofx.core.clock import now
from ofx.core.models import Event, LogEntry, Membership, PersonalRequest, User
from ofx.core.personal.actions import ask, work, work_due
from ofx.orders.models import Order
from tests.core.accounts.conftest import is_in, login
from tests.ofx.orders.conftest import order_for, shop

__all__ = ["order_for", "shop"]


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def copy_of(client, row):
    answer = client.get(f"/accounts/data/{row.pk}/download/")
    assert answer.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    return json.loads(archive.read("data.json")), archive


def test_a_copy_holds_what_is_kept_and_is_gone_after_a_week(world):
    login("bob@example.com")
    issue_token(membership=world.bob.memberships.get(), label="mine", actor=None, at=now())
    client = world.client("bob")
    client.post("/accounts/data/export/")
    row = PersonalRequest.objects.get()
    assert work_due(at=now()) == 1
    data, archive = copy_of(client, row)
    assert data["account"][0]["email"] == "bob@example.com"
    assert data["memberships"] == [{"organisation": "Brightwave Telecom", "role": "Read only"}]
    assert any(entry["did"] == "signed in" for entry in data["audit"])
    rows = list(csv.DictReader(io.StringIO(archive.read("account.csv").decode("utf-8-sig"))))
    assert rows[0]["name"] == "Bob Example"
    assert "mine" in archive.read("sign-in.csv").decode()
    assert LogEntry.objects.filter(verb="downloaded a copy of personal data").count() == 1
    assert world.client("charlie").get(f"/accounts/data/{row.pk}/download/").status_code == 404
    assert world.client("ada").get(f"/accounts/data/{row.pk}/download/").status_code == 404
    work_due(at=now() + timedelta(days=8))
    assert client.get(f"/accounts/data/{row.pk}/download/").status_code == 404


def test_an_administrator_gets_what_is_held_within_the_organisation_only(world):
    Membership.objects.create(user=world.bob, organisation=world.cobalt, role="finance")
    login("bob@example.com")
    row = ask(kind="export", email="bob@example.com", organisation=world.brightwave, actor=world.alice, at=now())
    work(request_id=row.pk, at=now())
    data, _ = copy_of(world.client("alice"), row)
    assert data["memberships"] == [{"organisation": "Brightwave Telecom", "role": "Read only"}]
    assert not any(entry["what"] == "session" for entry in data["sign-in"])


def test_nobody_asks_for_a_stranger_or_into_another_organisation(world):
    with pytest.raises(PermissionError):
        ask(kind="export", email="alice@example.com", organisation=None, actor=world.bob, at=now())
    with pytest.raises(PermissionDenied):
        ask(kind="export", email="bob@example.com", organisation=world.brightwave, actor=world.charlie, at=now())
    assert world.client("bob").post("/accounts/data/export/", {"email": "alice@example.com"}).status_code == 403
    assert not PersonalRequest.objects.exists()


def test_erasure_makes_the_account_nobodys_and_keeps_the_audit(world):
    bob = login("bob@example.com")
    bob.post("/accounts/me/", {"name": "Bob Example", "time_zone": "Europe/Paris", "digest": "on"})
    bob.post("/accounts/data/erasure/")
    work_due(at=now())
    user = User.objects.get(pk=world.bob.pk)
    assert (user.name, user.is_active) == (f"Erased person {user.pk}", False)
    assert user.email.endswith("@erased.invalid")
    assert not user.memberships.exists()
    assert not is_in(bob)
    assert not is_in(login("bob@example.com"))
    entries = LogEntry.objects.filter(subject=f"user:{user.pk}")
    assert entries.filter(verb="signed in").exists()
    held = json.dumps(list(entries.values("actor_name", "data"))) + str(PersonalRequest.objects.get().email)
    assert "Bob" not in held
    assert "bob@" not in held
    assert Event.objects.filter(name="person.erased").count() == 1


def test_doing_it_again_after_a_crash_changes_nothing(world):
    row = ask(kind="erasure", email="bob@example.com", organisation=None, actor=world.bob, at=now())
    work(request_id=row.pk, at=now())
    assert work(request_id=row.pk, at=now()) is False
    PersonalRequest.objects.filter(pk=row.pk).update(state="running", claimed_until=now() - timedelta(minutes=1))
    assert work(request_id=row.pk, at=now()) is True
    assert User.objects.get(pk=world.bob.pk).name == f"Erased person {world.bob.pk}"


def test_the_last_administrator_is_kept_with_the_reason_and_can_ask_again(world):
    row = ask(kind="erasure", email="alice@example.com", organisation=None, actor=world.alice, at=now())
    work(request_id=row.pk, at=now())
    row.refresh_from_db()
    assert any("last administrator of Brightwave Telecom" in line for line in row.report)
    assert User.objects.get(pk=world.alice.pk).is_active
    assert ask(kind="erasure", email="alice@example.com", organisation=None, actor=world.alice, at=now()).pk != row.pk


def test_asking_twice_is_one_request(world):
    first = ask(kind="export", email="bob@example.com", organisation=None, actor=world.bob, at=now())
    assert ask(kind="export", email="Bob@example.com", organisation=None, actor=world.bob, at=now()).pk == first.pk


def test_closed_orders_lose_the_contact_and_open_ones_keep_it_and_say_so(shop, order_for):
    opened, closed = order_for(), order_for(shop.other)
    Order.objects.update(contact_name="Cleo Contact", contact_phone="1", contact_email="cleo@example.com")
    Order.objects.filter(pk=closed.pk).update(closed_at=now())
    row = ask(kind="erasure", email="Cleo@example.com", organisation=shop.brightwave, actor=shop.alice, at=now())
    work(request_id=row.pk, at=now())
    row.refresh_from_db()
    opened.refresh_from_db()
    closed.refresh_from_db()
    assert (closed.contact_name, closed.contact_phone) == ("Erased person", "")
    assert closed.contact_email.endswith("@erased.invalid")
    assert opened.contact_name == "Cleo Contact"
    assert any(opened.reference in line and "Kept" in line for line in row.report)
    assert any("There is no account" in line for line in row.report)


def test_another_provider_cannot_erase_our_contacts(shop, order_for):
    order = order_for()
    Order.objects.update(contact_email="cleo@example.com", closed_at=now())
    row = ask(kind="erasure", email="cleo@example.com", organisation=shop.cobalt, actor=shop.charlie, at=now())
    work(request_id=row.pk, at=now())
    order.refresh_from_db()
    assert order.contact_email == "cleo@example.com"


def test_a_leavers_open_orders_go_to_the_named_colleague(shop, order_for, settle):
    from tests.conftest import person

    dan, eve = (person(f"{n}@example.com", shop.brightwave, "order_desk") for n in ("dan", "eve"))
    order = order_for()
    Order.objects.filter(pk=order.pk).update(owner=dan)
    page = shop.client("alice")
    html = page.get(f"/people/{dan.memberships.get().pk}/").content.decode()
    assert order.reference in html
    page.post(f"/people/{dan.memberships.get().pk}/remove/", {"successor": eve.memberships.get().pk})
    settle()
    order.refresh_from_db()
    assert order.owner == eve
    page.post(f"/people/{eve.memberships.get().pk}/remove/")
    settle()
    order.refresh_from_db()
    assert order.owner is None
