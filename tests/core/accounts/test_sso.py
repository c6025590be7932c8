"""Sign-in by an organisation's own OpenID Connect provider, a real process over real HTTP."""

from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from ofx.core.accounts import actions
from ofx.core.clock import now
from ofx.core.models import Membership, Organisation, SingleSignOn, User
from tests.core.accounts.conftest import come_by, door_of, is_in, login
from tests.core.accounts.provider import CLIENT, SECRET


def test_a_colleague_signs_in_by_the_organisation(world, oidc, door):
    oidc.person("Bob@Example.com", sub="b-1")
    answer = come_by(door)
    assert answer.status_code == 302, answer.content.decode()
    assert is_in(answer.browser)
    assert SocialAccount.objects.get(uid="b-1").user == world.bob
    oidc.person("robert.new@example.com", sub="b-1")
    assert is_in(come_by(door).browser), "the link is by the provider's id of the person"
    door.refresh_from_db()
    assert door.proven_at is not None


@pytest.mark.parametrize(
    "fault", ["nonce", "no nonce", "issuer", "audience", "signature", "unsigned", "expired", "userinfo"]
)
def test_a_false_token_brings_nobody_in(world, oidc, door, fault):
    oidc.person("bob@example.com", fault=fault)
    answer = come_by(door)
    assert answer.status_code == 403
    assert "not signed in" in answer.content.decode()
    assert not is_in(answer.browser)
    assert not SocialAccount.objects.exists()


def test_a_provider_that_calls_itself_otherwise_is_not_asked_further(world, oidc, door):
    oidc.person("bob@example.com", fault="discovery")
    answer = Client().get(f"/accounts/sso/{door.key}/login/")
    assert answer.status_code == 502


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "bob@elsewhere.example"}, "does not speak for addresses"),
        ({"email": "bob@example.com", "email_verified": False}, "has not confirmed"),
        ({"email": ""}, "did not say what your e-mail is"),
        ({"email": "stranger@example.com"}, "has no account for stranger@example.com"),
    ],
)
def test_who_is_not_vouched_for_rightly_is_told_why(world, oidc, door, claims, words):
    oidc.person(**claims, sub="x")
    answer = come_by(door)
    assert words in answer.content.decode()
    assert not is_in(answer.browser)


def test_another_organisations_provider_cannot_sign_in_our_people(world, oidc, door):
    theirs = door_of(world.cobalt, oidc, None, default_role="admin")
    oidc.person("bob@example.com")
    answer = come_by(theirs)
    assert "another organisation" in answer.content.decode()
    assert not is_in(answer.browser)
    assert not Membership.objects.filter(user=world.bob, organisation=world.cobalt).exists()


def test_who_acts_for_two_organisations_signs_in_by_password(world, oidc, door):
    Membership.objects.create(user=world.bob, organisation=world.cobalt, role="finance")
    oidc.person("bob@example.com")
    assert not is_in(come_by(door).browser)


def test_the_state_of_another_browser_is_refused(world, oidc, door):
    oidc.person("bob@example.com")
    stranger = Client()
    started = Client().get(f"/accounts/sso/{door.key}/login/")
    state = started.headers["Location"].split("state=")[1].split("&")[0]
    answer = stranger.get(f"/accounts/sso/{door.key}/callback/?code=abc&state={state}")
    assert answer.status_code == 403
    assert not is_in(stranger)


def test_new_people_join_with_the_default_role_only_where_the_organisation_says_so(world, oidc):
    door = door_of(world.brightwave, oidc, world.alice, default_role="read_only")
    oidc.person("nora@example.com", name="Nora Invented")
    assert is_in(come_by(door).browser)
    nora = User.objects.get(email="nora@example.com")
    assert (nora.name, nora.memberships.get().role) == ("Nora Invented", "read_only")
    assert not nora.has_usable_password()


def test_an_invitation_gives_its_role_and_a_leaver_comes_back_by_one_only(world, oidc):
    door = door_of(world.brightwave, oidc, world.alice, default_role="read_only")
    actions.remove_member(membership=world.bob.memberships.get(), actor=world.alice, at=now())
    oidc.person("bob@example.com")
    assert "any more" in come_by(door).content.decode()
    actions.invite(
        organisation=world.brightwave, email="bob@example.com", role="finance", message="", actor=world.alice, at=now()
    )
    assert is_in(come_by(door).browser)
    assert world.bob.memberships.get().role == "finance"


def test_only_sso_closes_the_door_for_passwords_after_it_was_proven(world, oidc, door):
    with pytest.raises(actions.NotPossible, match="Sign in by this provider once"):
        door_of(world.brightwave, oidc, world.alice, only=True)
    oidc.person("alice@example.com")
    assert is_in(come_by(door).browser)
    old = login("bob@example.com")
    door_of(world.brightwave, oidc, world.alice, only=True)
    assert not is_in(old), "sessions by password end"
    page = Client().post("/accounts/login/", {"login": "bob@example.com", "password": "correct horse battery"})
    assert page.status_code == 403
    assert f"/accounts/sso/{door.key}/login/" in page.content.decode()
    assert is_in(login("charlie@example.com"))


def test_the_required_second_factor_is_the_providers_business(world, oidc, door):
    actions.require_second_factor(organisation=world.brightwave, since=now(), actor=world.alice, at=now())
    oidc.person("bob@example.com")
    browser = come_by(door).browser
    assert browser.get("/orders/").status_code == 200
    there = Membership.objects.create(user=world.bob, organisation=world.cobalt, role="finance")
    actions.require_second_factor(organisation=world.cobalt, since=now(), actor=world.charlie, at=now())
    browser.post("/accounts/switch/", {"membership": there.pk})
    assert browser.get("/orders/").headers["Location"] == "/accounts/second-factor/", "only of its own organisation"


def test_another_issuer_forgets_who_was_linked(world, oidc, door):
    oidc.person("bob@example.com")
    come_by(door)
    row = door_of(world.brightwave, oidc, world.alice, client_id="another")
    assert row.proven_at is None
    assert not SocialAccount.objects.exists()


def test_a_domain_is_claimed_only_by_who_has_an_address_in_it(world, oidc):
    with pytest.raises(actions.NotPossible, match=r"cobalt\.example"):
        door_of(world.brightwave, oidc, world.alice, domains=["example.com", "cobalt.example"])


def test_a_switched_off_provider_or_organisation_is_not_there(world, oidc, door):
    SingleSignOn.objects.update(active=False)
    assert Client().get(f"/accounts/sso/{door.key}/login/").status_code == 404
    SingleSignOn.objects.update(active=True)
    Organisation.objects.filter(pk=world.brightwave.pk).update(active=False)
    assert Client().get(f"/accounts/sso/{door.key}/login/").status_code == 404


def test_the_sign_in_page_finds_the_provider_by_the_domain_and_tells_nothing_of_accounts(world, door):
    def shown(email):
        return Client().get("/accounts/sso/", {"email": email}).content.decode()

    assert "Staff login" in shown("bob@example.com")
    assert "Staff login" in shown("nobody-at-all@example.com")
    assert "No organisation has its own sign-in" in shown("bob@cobalt.example")
    assert "whole work e-mail" in shown("bob")


def test_the_form_asks_the_issuer_and_names_what_is_wrong(world, oidc, settings):
    client, url = world.client("alice"), f"/people/sign-in/{world.brightwave.slug}/provider/"
    data = {"name": "Staff", "client_id": CLIENT, "client_secret": SECRET, "domains": "example.com", "active": "on"}
    oidc.person("nobody@example.com")
    for issuer, words in {
        "http://login.example": "must begin with https",
        "https://192.168.0.1": "cannot be asked",
        f"{oidc.url}/other": "answers 404",
        oidc.url: "",
    }.items():
        answer = client.post(url, {**data, "issuer": issuer})
        assert answer.status_code == (422 if words else 302)
        assert words in answer.content.decode()
    row = SingleSignOn.objects.get()
    assert row.client_secret == SECRET
    page = client.get(f"/people/sign-in/{world.brightwave.slug}/").content.decode()
    assert SECRET not in page
    assert f"/accounts/sso/{row.key}/callback/" in page
    client.post(url, {**data, "issuer": oidc.url, "client_secret": "", "name": "Renamed"})
    row.refresh_from_db()
    assert (row.name, row.client_secret) == ("Renamed", SECRET)


def test_the_providers_address_must_be_outside_of_our_own_network(world, oidc, door, settings):
    settings.OUTBOUND_ALLOW = []
    oidc.person("bob@example.com")
    assert Client().get(f"/accounts/sso/{door.key}/login/").status_code == 502


def test_an_invitation_that_expired_lets_nobody_in(world, oidc, door):
    actions.invite(
        organisation=world.brightwave,
        email="late@example.com",
        role="finance",
        message="",
        actor=None,
        at=now() - timedelta(days=8),
    )
    oidc.person("late@example.com")
    assert not is_in(come_by(door).browser)
