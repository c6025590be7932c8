"""Invitations: the link works once, for a week, for the invited person only."""

from datetime import timedelta

import pytest
from django.test import Client

from ofx.core.accounts import actions
from ofx.core.clock import now
from ofx.core.models import Invitation, Mail, Membership, User
from tests.conftest import PASSWORD, person
from tests.core.accounts.conftest import is_in, link_in, login

NEW = {"name": "Ida Invented", "password": "a long enough phrase"}


@pytest.fixture
def invited(world, letters):
    """Alice invited ida@example.com by the form; (row, path of the link)."""
    data = {"email": "Ida@Example.com", "role": "order_desk", "message": "See you", "organisation": world.brightwave.pk}
    assert world.client("alice").post("/people/invite/", data).status_code == 302
    (letter,) = letters()
    assert letter.to == ["ida@example.com"]
    assert "See you" in letter.body
    return Invitation.objects.get(), link_in(letter)


def test_accepting_makes_the_account_and_signs_in(world, invited):
    _, link = invited
    client = Client()
    assert "Brightwave Telecom" in client.get(link).content.decode()
    assert client.post(link, NEW).status_code == 302
    assert is_in(client)
    user = User.objects.get(email="ida@example.com")
    assert user.memberships.get().role == "order_desk"
    assert is_in(login("ida@example.com", NEW["password"]))


def test_the_link_works_once(world, invited):
    _, link = invited
    Client().post(link, NEW)
    again = Client().post(link, {**NEW, "password": "another long phrase"})
    assert again.status_code == 410
    assert "accepted already" in again.content.decode()
    assert not is_in(login("ida@example.com", "another long phrase"))


def test_a_revoked_an_expired_a_renewed_and_a_false_link_each_say_what_to_do(world, invited, letters):
    row, link = invited
    Invitation.objects.update(expires_at=now() - timedelta(minutes=1))
    assert "too old" in Client().get(link).content.decode()
    world.client("alice").post(f"/people/invitations/{row.pk}/resend/")
    assert "newer invitation" in Client().get(link).content.decode()
    (letter,) = letters()
    newest = link_in(letter)
    assert Client().get(newest).status_code == 200
    world.client("alice").post(f"/people/invitations/{row.pk}/revoke/")
    assert "taken back" in Client().post(newest, NEW).content.decode()
    assert "not one of ours" in Client().get("/accounts/invitation/abc:def/").content.decode()
    assert not User.objects.filter(email="ida@example.com").exists()


def test_a_weak_password_is_refused_with_the_reason(world, invited):
    page = Client().post(invited[1], {"name": "Ida", "password": "short"})
    assert "too short" in page.content.decode()
    assert not User.objects.filter(email="ida@example.com").exists()


def test_who_has_an_account_accepts_by_signing_in_and_nobody_can_take_it_over(world, letters):
    actions.invite(
        organisation=world.cobalt, email="bob@example.com", role="finance", message="", actor=world.charlie, at=now()
    )
    link = link_in(letters()[0])
    page = Client().post(link, {**NEW, "password": "an intruder's phrase"})
    assert "You have an account already" in page.content.decode()
    assert not is_in(login("bob@example.com", "an intruder's phrase"))
    other = login("alice@example.com")
    assert "signed in as alice@example.com" in other.get(link).content.decode()
    bob, elsewhere = login("bob@example.com"), login("bob@example.com")
    assert bob.post(link).status_code == 302
    assert world.bob.memberships.filter(organisation=world.cobalt, role="finance").exists()
    assert is_in(bob)
    assert not is_in(elsewhere)


def test_a_leaver_comes_back_by_invitation(world, letters):
    actions.remove_member(membership=world.bob.memberships.get(), actor=world.alice, at=now())
    actions.invite(
        organisation=world.brightwave, email="bob@example.com", role="finance", message="", actor=world.alice, at=now()
    )
    link = link_in(letters()[0])
    assert not is_in(login("bob@example.com"))
    Client().post(link, {"name": "Bob Again", "password": "a fresh long phrase"})
    assert is_in(login("bob@example.com", "a fresh long phrase"))
    assert not is_in(login("bob@example.com", PASSWORD))


def test_inviting_again_renews_and_does_not_double(world, invited):
    data = {"email": "ida@example.com", "role": "finance", "organisation": world.brightwave.pk}
    world.client("alice").post("/people/invite/", data)
    row = Invitation.objects.get()
    assert (row.role, row.serial) == ("finance", 2)


def test_inviting_a_colleague_says_that_they_are_here_already(world):
    page = world.client("alice").post(
        "/people/invite/", {"email": "bob@example.com", "role": "finance", "organisation": world.brightwave.pk}
    )
    assert page.status_code == 422
    assert "already" in page.content.decode()


def test_a_role_of_another_kind_names_the_roles_that_fit(world):
    data = {"email": "x@example.com", "role": "finance", "organisation": world.harbour.pk}
    page = world.client("alice").post("/people/invite/", data)
    assert page.status_code == 422
    assert "Harbour Books knows these roles" in page.content.decode()


def test_nobody_invites_into_an_organisation_that_is_not_theirs(world):
    data = {"email": "x@example.com", "role": "admin", "organisation": world.cobalt.pk}
    assert world.client("alice").post("/people/invite/", data).status_code == 422
    assert not Invitation.objects.exists()


def test_the_mail_is_forgotten_once_it_is_sent_and_tried_again_when_it_was_not(world, settings, mailoutbox):
    from ofx.core.mail.actions import post, send_due

    person("p@example.com", world.cobalt, "finance")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    at = now()
    post(to="p@example.com", subject="S\nubject", text="a secret link", at=at)
    assert send_due(at=at) == 0
    row = Mail.objects.get()
    assert row.attempts == 1
    assert row.next_attempt_at > at
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_due(at=at) == 0
    assert send_due(at=at + timedelta(hours=1)) == 1
    row.refresh_from_db()
    assert (row.text, row.next_attempt_at) == ("", None)
    assert mailoutbox[0].body == "a secret link"
    assert send_due(at=at + timedelta(hours=2)) == 0
    send_due(at=at + timedelta(days=40))
    assert not Mail.objects.exists()


def test_accepting_at_the_same_moment_makes_one_member(world, invited):
    row, _ = invited
    actions.accept(invitation=row, at=now(), **NEW)
    with pytest.raises(actions.NotPossible):
        actions.accept(invitation=row, at=now(), **NEW)
    assert Membership.objects.filter(user__email="ida@example.com").count() == 1
