"""An administrator's people: who is listed, roles, leavers, and that nobody reaches another's."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from ofx.core.accounts import actions
from ofx.core.models import ApiToken, Event, LogEntry, Membership, User
from tests.conftest import AT, person
from tests.core.accounts.conftest import is_in, login


def member(user: User) -> Membership:
    return user.memberships.get()


def act(world, who, target, name, **data):
    return world.client(who).post(f"/people/{member(target).pk}/{name}/", data)


def test_the_list_shows_colleagues_and_the_people_of_customers_and_nobody_elses(world):
    html = world.client("alice").get("/people/").content.decode()
    for name in ("Alice Example", "Bob Example", "Cara Example"):
        assert name in html
    for name in ("Charlie Example", "Olga Example", "Admin Example"):
        assert name not in html


def test_the_exchange_sees_everybody(world):
    html = world.client("ada").get("/people/").content.decode()
    assert "Charlie Example" in html
    assert "Olga Example" in html


def test_a_list_asks_as_often_for_ten_rows_as_for_two_hundred(world):
    def grow(first, last):
        for n in range(first, last):
            someone = person(f"p{n}@example.com", world.brightwave, "order_desk", f"Person {n}")
            actions.issue_token(membership=member(someone), label=f"t{n}", actor=None, at=AT)
            actions.invite(
                organisation=world.brightwave, email=f"i{n}@example.com", role="finance", message="", actor=None, at=AT
            )

    def count(page):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    client = world.client("alice")
    pages = ["/people/", "/people/invitations/", "/people/tokens/", "/audit/", f"/people/{member(world.bob).pk}/"]
    grow(0, 10)
    few = [count(page) for page in pages]
    grow(10, 200)
    assert [count(page) for page in pages] == few


def test_a_role_is_changed_and_told(world):
    assert act(world, "alice", world.bob, "role", role="finance").status_code == 302
    assert member(world.bob).role == "finance"
    event = Event.objects.get(name="member.role_changed")
    assert event.payload["was"] == "read_only"
    assert LogEntry.objects.filter(subject=f"user:{world.bob.pk}", verb="changed the role").count() == 1


def test_a_role_of_another_kind_of_organisation_is_refused(world):
    with pytest.raises(actions.NotPossible, match="no role fulfilment"):
        actions.change_role(membership=member(world.bob), role="fulfilment", actor=world.alice, at=AT)
    assert member(world.bob).role == "read_only"


def test_the_last_administrator_can_neither_be_demoted_nor_removed(world):
    act(world, "alice", world.alice, "role", role="finance")
    act(world, "alice", world.alice, "remove")
    assert member(world.alice).role == "admin"
    page = world.client("alice")
    page.post(f"/people/{member(world.alice).pk}/remove/")
    assert "last administrator" in page.get(f"/people/{member(world.alice).pk}/").content.decode()


def test_with_a_second_administrator_the_first_may_go(world):
    second = person("second@example.com", world.brightwave, "admin")
    actions.remove_member(membership=member(world.alice), actor=second, at=AT)
    assert not world.alice.memberships.exists()


def test_a_program_does_not_count_as_an_administrator(world):
    actions.create_service(organisation=world.brightwave, name="Robot", role="admin", actor=world.alice, at=AT)
    with pytest.raises(actions.NotPossible):
        actions.remove_member(membership=member(world.alice), actor=None, at=AT)


def test_a_leavers_session_and_tokens_end_at_once(world):
    bob, api = login("bob@example.com"), world.api("bob")
    assert is_in(bob)
    assert api.get("/api/v1/orders/").status_code == 200
    assert act(world, "alice", world.bob, "remove").status_code == 302
    assert not is_in(bob)
    assert api.get("/api/v1/orders/").status_code == 401
    assert not is_in(login("bob@example.com"))
    assert User.objects.get(pk=world.bob.pk).is_active is False
    assert Event.objects.get(name="member.removed").payload["user_id"] == world.bob.pk


def test_who_still_acts_for_another_organisation_keeps_the_account(world):
    Membership.objects.create(user=world.bob, organisation=world.cobalt, role="finance")
    old = login("bob@example.com")
    actions.remove_member(membership=world.bob.memberships.get(organisation=world.brightwave), actor=world.alice, at=AT)
    assert not is_in(old)
    again = login("bob@example.com")
    assert is_in(again)
    assert "Cobalt Connect" in again.get("/accounts/me/").content.decode()


def test_removing_twice_says_so_and_changes_nothing(world):
    row = member(world.bob)
    actions.remove_member(membership=row, actor=world.alice, at=AT)
    with pytest.raises(actions.NotPossible, match="left already"):
        actions.remove_member(membership=row, actor=world.alice, at=AT)
    assert Event.objects.filter(name="member.removed").count() == 1


@pytest.mark.parametrize("name", ["role", "remove", "end-sessions", "reset-factor", "token", "export", "erase"])
def test_the_administrator_of_another_provider_finds_nothing(world, name):
    assert act(world, "charlie", world.bob, name, role="admin").status_code == 404
    assert member(world.bob).role == "read_only"


@pytest.mark.parametrize("name", ["role", "remove"])
def test_a_colleague_who_is_no_administrator_may_not(world, name):
    assert act(world, "bob", world.alice, name, role="finance").status_code == 403


def test_a_provider_manages_its_customers_people(world):
    assert act(world, "alice", world.cara, "role", role="admin").status_code == 302
    assert member(world.cara).role == "admin"


def test_the_customers_administrator_does_not_manage_the_provider(world):
    Membership.objects.filter(user=world.cara).update(role="admin")
    assert act(world, "cara", world.bob, "role", role="finance").status_code == 404
    cara = User.objects.get(pk=world.cara.pk)
    with pytest.raises(PermissionDenied):
        actions.change_role(membership=member(world.bob), role="finance", actor=cara, at=AT)


def test_the_administrator_signs_somebody_out_everywhere(world):
    bob = login("bob@example.com")
    act(world, "alice", world.bob, "end-sessions")
    assert not is_in(bob)
    assert is_in(login("bob@example.com"))


def test_the_tokens_page_revokes_the_chosen_ones_of_the_organisation_only(world):
    mine, _ = actions.issue_token(membership=member(world.bob), label="mine", actor=None, at=AT)
    theirs, _ = actions.issue_token(membership=member(world.charlie), label="theirs", actor=None, at=AT)
    client = world.client("alice")
    html = client.get("/people/tokens/").content.decode()
    assert "mine" in html
    assert "theirs" not in html
    client.post("/people/tokens/revoke/", {"selected": [mine.pk, theirs.pk, "x", "9" * 30]})
    assert ApiToken.objects.get(pk=mine.pk).revoked_at
    assert ApiToken.objects.get(pk=theirs.pk).revoked_at is None


def test_a_program_gets_a_token_from_the_administrator_and_acts_by_it(world):
    client = world.client("alice")
    client.post(
        "/people/tokens/program/", {"name": "Nightly import", "role": "order_desk", "organisation": world.brightwave.pk}
    )
    program = Membership.objects.get(user__is_service=True)
    html = client.post(f"/people/{program.pk}/token/", {"label": "night", "days": "30"}).content.decode()
    secret = html.split('id="secret" tabindex="0">')[1].split("<")[0]
    caller = APIClient(headers={"authorization": f"Bearer {secret}"})
    assert caller.get("/api/v1/orders/").status_code == 200
    token = ApiToken.objects.get(membership=program)
    assert token.last_used_on is not None
    ApiToken.objects.filter(pk=token.pk).update(expires_at=AT)
    assert caller.get("/api/v1/orders/").status_code == 401


def test_an_administrator_cannot_make_a_token_in_a_colleagues_name(world):
    act(world, "alice", world.bob, "token", label="sneaky")
    assert not ApiToken.objects.filter(membership__user=world.bob).exists()


def test_the_audit_shows_the_organisations_own_entries_and_is_filtered(world):
    act(world, "alice", world.bob, "role", role="finance")
    client = world.client("alice")
    html = client.get("/audit/?person=Alice&kind=user").content.decode()
    assert "changed the role" in html
    assert f'href="/people/{member(world.bob).pk}/">Bob Example' in html
    assert "changed the role" not in client.get("/audit/?person=Bob").content.decode()
    assert "changed the role" not in client.get("/audit/?until=2020-01-01").content.decode()
    assert "changed the role" not in world.client("charlie").get("/audit/").content.decode()
