"""Password reset, e-mail change, sessions, second factor: as people meet them."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from ofx.core.accounts import actions
from ofx.core.accounts.devices import device
from ofx.core.accounts.middleware import SEEN_KEY
from ofx.core.clock import now
from ofx.core.models import LogEntry, User
from ofx.core.secrets import decrypt
from tests.conftest import PASSWORD
from tests.core.accounts.conftest import is_in, link_in, login

FRESH = "a wholly fresh phrase"


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests(db):
    cache.clear()


def code_for(user, step=0):
    """The code that the person's app shows, `step` half minutes from now."""
    secret = Authenticator.objects.get(user=user, type="totp").wrap().instance.data["secret"]
    return format_hotp_value(hotp_value(decrypt(secret), int(now().timestamp()) // 30 + step))


def set_up(client):
    """Set up a second factor by the pages; the recovery codes that they show."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    html = client.get("/accounts/second-factor/on/").content.decode()
    assert "data:image/svg+xml;base64," in html
    secret = re.search(r'id="factor-key"[^>]*>(\w+)<', html).group(1)
    code = format_hotp_value(hotp_value(secret, int(now().timestamp()) // 30))
    answer = client.post("/accounts/second-factor/on/", {"code": code})
    assert answer.headers["Location"] == "/accounts/second-factor/codes/", answer.content.decode()
    return re.findall(r"\b\d{8}\b", client.get("/accounts/second-factor/codes/").content.decode())


# -- password ---------------------------------------------------------------------------------------------------------


def reset_link(letters, email="bob@example.com"):
    answer = Client().post("/accounts/reset/", {"email": email})
    assert answer.headers["Location"] == "/accounts/reset/sent/"
    return link_in(letters()[0])


def test_a_lost_password_is_set_anew_by_the_link_once_and_ends_other_sessions(world, letters):
    old, client = login("bob@example.com"), Client()
    link = reset_link(letters)
    form = client.get(link).headers["Location"]
    done = client.post(form, {"password1": FRESH, "password2": FRESH})
    assert done.headers["Location"] == "/accounts/reset/done/"
    assert "Your password was changed" in letters()[0].subject
    assert not is_in(old)
    assert not is_in(login("bob@example.com"))
    assert is_in(login("bob@example.com", FRESH))
    assert "does not work any more" in Client().get(link).content.decode()


def test_a_strangers_e_mail_gets_the_same_answer_and_no_mail(world, letters):
    answer = Client().post("/accounts/reset/", {"email": "stranger@example.com"})
    assert answer.headers["Location"] == "/accounts/reset/sent/"
    assert letters() == []


def test_a_switched_off_account_cannot_be_reset(world, letters):
    User.objects.filter(pk=world.bob.pk).update(is_active=False)
    Client().post("/accounts/reset/", {"email": "bob@example.com"})
    assert letters() == []


def test_the_link_names_our_own_address_whatever_the_request_said(world, letters, settings):
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/accounts/reset/", {"email": "bob@example.com"}, headers={"host": "evil.example"})
    body = letters()[0].body
    assert settings.OFX_BASE_URL in body
    assert "evil.example" not in body


def test_asking_again_and_again_is_slowed_down(world, letters):
    client = Client()
    answers = [client.post("/accounts/reset/", {"email": "bob@example.com"}).status_code for _ in range(7)]
    assert answers[:5] == [302] * 5
    assert 429 in answers


# -- e-mail -----------------------------------------------------------------------------------------------------------


def test_the_e_mail_changes_when_the_new_address_confirms_and_the_old_is_told(world, letters):
    bob = login("bob@example.com")
    assert "reauthenticate" in bob.get("/accounts/email/").headers["Location"]
    bob.post("/accounts/reauthenticate/", {"password": PASSWORD})
    bob.post("/accounts/email/", {"email": "robert@example.com"})
    (letter,) = letters()
    assert letter.to == ["robert@example.com"]
    link = link_in(letter)
    login("alice@example.com").post(link)
    assert User.objects.get(pk=world.bob.pk).email == "bob@example.com"
    bob.post(link)
    assert User.objects.get(pk=world.bob.pk).email == "robert@example.com"
    assert letters()[0].to == ["bob@example.com"]
    bob.post(link)
    assert LogEntry.objects.filter(verb="changed the e-mail").count() == 1
    assert is_in(login("robert@example.com"))


def test_a_taken_address_gets_no_mail_and_the_same_words(world, letters):
    bob = login("bob@example.com")
    bob.post("/accounts/reauthenticate/", {"password": PASSWORD})
    bob.post("/accounts/email/", {"email": "alice@example.com"})
    assert letters() == []
    assert "We sent a link" in bob.get("/accounts/me/").content.decode()


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_sessions_are_listed_with_their_device_and_ended_one_or_all_others(world):
    phone = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/604"})
    login("bob@example.com", client=phone)
    tablet, desk = login("bob@example.com"), login("bob@example.com")
    html = desk.get("/accounts/sessions/").content.decode()
    assert "Safari on iPhone" in html
    assert html.count(">End it<") == 2
    row = UserSession.objects.get(user_agent__contains="iPhone")
    assert login("alice@example.com").post(f"/accounts/sessions/{row.pk}/end/").status_code == 404
    desk.post(f"/accounts/sessions/{row.pk}/end/")
    assert not is_in(phone)
    assert is_in(tablet)
    desk.post("/accounts/sessions/end-others/")
    assert not is_in(tablet)
    assert is_in(desk)


def test_last_seen_is_written_once_in_five_minutes(world):
    bob = login("bob@example.com")
    UserSession.objects.update(last_seen_at=now() - timedelta(hours=1))
    bob.get("/accounts/me/")
    assert UserSession.objects.get().last_seen_at < now() - timedelta(minutes=50)
    session = bob.session
    session[SEEN_KEY] = int(now().timestamp()) - 400
    session.save()
    bob.get("/accounts/me/")
    assert UserSession.objects.get().last_seen_at > now() - timedelta(minutes=1)


def test_a_device_is_named_in_two_words():
    assert device("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0") == "Firefox on Linux"
    assert device("curl/8") == "curl/8"
    assert device("") == "unknown"


def test_signing_in_being_refused_and_signing_out_stand_in_the_audit(world):
    login("bob@example.com", "wrong")
    login("bob@example.com").post("/accounts/logout/")
    verbs = set(LogEntry.objects.filter(subject=f"user:{world.bob.pk}").values_list("verb", flat=True))
    assert {"was refused at sign-in", "signed in", "signed out"} <= verbs


# -- second factor ----------------------------------------------------------------------------------------------------


def test_with_a_second_factor_the_password_alone_is_not_enough(world):
    set_up(login("bob@example.com"))
    client = login("bob@example.com")
    assert not is_in(client)
    wrong = client.post("/accounts/second-factor/code/", {"code": "000000"})
    assert "does not fit" in wrong.content.decode()
    assert client.post("/accounts/second-factor/code/", {"code": code_for(world.bob, 1)}).status_code == 302
    assert is_in(client)
    again = login("bob@example.com")
    again.post("/accounts/second-factor/code/", {"code": code_for(world.bob, 1)})
    assert not is_in(again), "a code works once"
    stored = Authenticator.objects.get(user=world.bob, type="totp").data["secret"]
    assert len(stored) > 60, "the seed is encrypted at rest"


def test_a_recovery_code_signs_in_once(world):
    codes = set_up(login("bob@example.com"))
    assert len(codes) == 10
    for expected in (True, False):
        client = login("bob@example.com")
        client.post("/accounts/second-factor/code/", {"code": codes[0]})
        assert is_in(client) is expected


def test_the_administrator_resets_a_lost_factor_and_the_person_is_told(world, letters):
    set_up(login("bob@example.com"))
    letters()
    world.client("alice").post(f"/people/{world.bob.memberships.get().pk}/reset-factor/")
    assert "reset" in letters()[0].subject
    assert is_in(login("bob@example.com"))


def require(world, since):
    actions.require_second_factor(organisation=world.brightwave, since=since, actor=world.alice, at=now())


def test_where_it_is_required_a_session_without_one_only_reaches_the_way_to_it(world):
    bob, api = login("bob@example.com"), world.api("bob")
    require(world, now() + timedelta(days=7))
    assert bob.get("/orders/").status_code == 200
    assert "requires a second factor from" in login("bob@example.com").get("/accounts/me/").content.decode()
    require(world, now())
    for page in ("/orders/", "/accounts/tokens/", "/accounts/data/"):
        assert bob.get(page).headers["Location"] == "/accounts/second-factor/"
    assert bob.post("/accounts/tokens/", {"label": "x"}).status_code == 302
    assert bob.get("/api/v1/orders/").status_code == 403
    assert bob.get("/orders/", headers={"hx-request": "true"}).headers["HX-Redirect"] == "/accounts/second-factor/"
    assert api.get("/api/v1/orders/").status_code == 200, "tokens are not asked"
    assert "requires a second factor" in bob.get("/accounts/second-factor/").content.decode()
    set_up(bob)
    assert bob.get("/orders/").status_code == 200
    page = bob.get("/accounts/second-factor/off/").content.decode()
    assert "cannot be switched off" in page
    bob.post("/accounts/second-factor/off/")
    assert Authenticator.objects.filter(user=world.bob, type="totp").exists()


def test_another_organisations_requirement_asks_nobody_here(world):
    require(world, now())
    assert login("charlie@example.com").get("/orders/").status_code == 200
