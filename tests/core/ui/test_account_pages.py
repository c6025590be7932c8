"""Sign-in, switching, profile, tokens, error pages."""

import json

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ofx.core.models import ApiToken, LogEntry, Membership
from ofx.core.ui.views import server_error
from tests.conftest import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client, password, email="alice@example.com", **extra):
    return client.post(LOGIN, {"login": email, "password": password, **extra})


def test_the_right_password_leads_where_one_wanted_to_go(world):
    client = Client()
    assert client.get("/accounts/tokens/").headers["Location"] == f"{LOGIN}?next=/accounts/tokens/"
    response = sign_in(client, PASSWORD, next="/accounts/tokens/")
    assert response.headers["Location"] == "/accounts/tokens/"


def test_nobody_is_sent_to_another_site_by_signing_in(world):
    assert sign_in(Client(), PASSWORD, next="https://evil.example/").headers["Location"] == "/"


def test_a_wrong_password_says_what_to_check_and_keeps_the_email(world):
    html = sign_in(Client(), "wrong").content.decode()
    assert "do not belong together" in html
    assert 'value="alice@example.com"' in html
    assert "wrong" not in html


def test_an_unknown_email_gets_the_same_words_as_a_wrong_password(world):
    known = sign_in(Client(), "wrong").content.decode()
    unknown = sign_in(Client(), "wrong", email="nobody@example.com").content.decode()
    assert "do not belong together" in known
    assert "do not belong together" in unknown


def test_after_five_wrong_passwords_the_page_says_how_long_to_wait_even_with_the_right_one(world):
    client = Client()
    for _ in range(5):
        sign_in(client, "wrong")
    html = sign_in(client, PASSWORD).content.decode()
    assert "Wait five minutes" in html
    assert 'value="alice@example.com"' in html
    assert "_auth_user_id" not in client.session


def test_one_persons_wrong_passwords_keep_nobody_else_out(world):
    for _ in range(6):
        sign_in(Client(), "wrong")
    assert sign_in(Client(), PASSWORD, email="bob@example.com").status_code == 302


def test_a_network_that_tries_too_often_is_told_to_wait_and_where_it_was(world, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    client = Client()
    for _ in range(2):
        sign_in(client, "wrong")
    response = client.post(f"{LOGIN}?next=/ui/", {"login": "alice@example.com", "password": PASSWORD})
    assert response.status_code == 429
    assert "Wait a minute" in response.content.decode()
    assert f'href="{LOGIN}?next=/ui/"' in response.content.decode()


def test_signing_out_takes_a_post(world):
    client = world.client("alice")
    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_a_new_password_is_set_and_the_person_stays_signed_in(world):
    client = Client()
    sign_in(client, PASSWORD)
    new = "another horse battery"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    html = client.post("/accounts/password/", form, follow=True).content.decode()
    assert "Your new password is set." in html
    assert "uccessfully" not in html
    assert sign_in(Client(), new).status_code == 302
    assert sign_in(Client(), PASSWORD).status_code == 200


def test_nobody_can_sign_up_or_find_allauths_other_pages(world):
    for path in ("signup", "password/set", "password/reset", "confirm-email", "login/code", "social/connections"):
        assert Client().get(f"/accounts/{path}/").status_code == 404


def test_a_person_acts_for_the_organisation_they_choose(world):
    second = Membership.objects.create(user=world.alice, organisation=world.cobalt, role="read_only")
    client = world.client("alice")
    client.post("/accounts/switch/", {"membership": second.pk})
    assert client.get("/accounts/me/").context["shell"]["acting"] == second


def test_switching_to_a_foreign_organisation_is_refused_and_changes_nothing(world):
    client = world.client("alice")
    foreign = Membership.objects.get(user=world.charlie)
    for value in (foreign.pk, 10**30, "x", "", "-1"):
        assert client.post("/accounts/switch/", {"membership": value}).status_code == 404
    assert client.get("/accounts/me/").context["shell"]["acting"].organisation == world.brightwave


def test_a_lost_membership_ends_a_chosen_organisation(world):
    second = Membership.objects.create(user=world.alice, organisation=world.cobalt, role="read_only")
    client = world.client("alice")
    client.post("/accounts/switch/", {"membership": second.pk})
    second.delete()
    assert client.get("/accounts/me/").context["shell"]["acting"].organisation == world.brightwave


def test_the_profile_is_saved_and_logged_and_times_follow_the_zone(world):
    client = world.client("alice")
    client.post("/accounts/me/", {"name": "Alice Archer", "time_zone": "America/New_York"})
    world.alice.refresh_from_db()
    assert (world.alice.name, world.alice.time_zone) == ("Alice Archer", "America/New_York")
    assert LogEntry.objects.filter(verb="changed the profile", actor=world.alice).count() == 1
    assert " EST" in client.get("/ui/").content.decode() or " EDT" in client.get("/ui/").content.decode()


def test_a_zone_that_does_not_exist_is_refused_by_name(world):
    html = world.client("alice").post("/accounts/me/", {"name": "A", "time_zone": "Mars/Base"}).content.decode()
    assert "Mars/Base is not one of the available choices" in html


def test_an_empty_required_field_says_what_to_fill_in_and_is_tied_to_its_error(world):
    html = world.client("alice").post("/accounts/me/", {"name": "", "time_zone": "UTC"}).content.decode()
    assert "Fill in “Name”." in html
    assert 'aria-describedby="id_name_error"' in html


def make_token(client, world, label="Nightly import"):
    membership = Membership.objects.get(user=world.alice)
    return client.post("/accounts/tokens/", {"label": label, "membership": membership.pk})


def test_a_new_token_is_shown_once_and_works(world):
    client = world.client("alice")
    response = make_token(client, world)
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    again = client.get("/accounts/tokens/").content.decode()
    assert secret not in again
    assert secret[-6:] in again


def test_a_token_for_somebody_elses_membership_is_refused(world):
    foreign = Membership.objects.get(user=world.charlie)
    world.client("alice").post("/accounts/tokens/", {"label": "x", "membership": foreign.pk})
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_owner_alone(world):
    client = world.client("alice")
    make_token(client, world)
    token = ApiToken.objects.get()
    for name in ("bob", "charlie", "ada"):
        assert world.client(name).post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 404
    client.post(f"/accounts/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "Revoked" in client.get("/accounts/tokens/").content.decode()


def test_ten_tokens_and_many_take_as_many_queries(world, django_assert_num_queries):
    client = world.client("alice")
    for number in range(10):
        make_token(client, world, f"t{number}")
    with CaptureQueriesContext(connection) as few:
        client.get("/accounts/tokens/")
    membership = Membership.objects.get(user=world.alice)
    ApiToken.objects.bulk_create(
        ApiToken(membership=membership, label=str(n), hint="x", digest=str(n), created_at=world.at) for n in range(190)
    )
    with django_assert_num_queries(len(few)):
        client.get("/accounts/tokens/")


@pytest.mark.parametrize("path", ["/accounts/me/", "/accounts/tokens/", "/ui/", "/accounts/password/"])
def test_pages_of_an_account_need_a_sign_in(world, path):
    assert Client().get(path).headers["Location"].startswith(LOGIN)


def test_the_kit_is_for_staff(world):
    assert {name: world.client(name).get("/ui/").status_code for name in world.people} == {
        "alice": 200,
        "bob": 200,
        "charlie": 200,
        "olga": 200,
        "cara": 403,
        "ada": 200,
    }


def test_a_customer_reads_larger_letters_and_sees_no_staff_links(world):
    html = world.client("cara").get("/accounts/me/").content.decode()
    assert '<body class="customer"' in html
    assert "/accounts/tokens/" not in html


def test_a_missing_page_says_what_why_and_what_next(world):
    response = world.client("alice").get("/no/such/page/")
    assert response.status_code == 404
    for words in ("There is nothing here for you", "belongs to somebody else", "To the start page"):
        assert words in response.content.decode()


def test_a_refusal_says_why_and_as_whom_one_acts(world):
    html = world.client("cara").get("/ui/").content.decode()
    assert "This page is for staff." in html
    assert "User for Harbour Books" in html


def test_a_missing_address_of_the_api_answers_in_json(world):
    response = world.client("alice").get("/api/v1/no-such-thing/")
    assert response.status_code == 404
    assert json.loads(response.content)["code"] == "not_found"


def test_the_page_of_a_defect_needs_no_database(rf):
    # No `db` fixture: a query here fails the test.
    request = rf.get("/orders/")
    request.request_id = "abc123"
    response = server_error(request)
    assert response.status_code == 500
    assert "abc123" in response.content.decode()
    assert "To the start page" in response.content.decode()


def test_a_form_from_before_is_refused_with_the_next_step(world):
    client = Client(enforce_csrf_checks=True)
    response = client.post(LOGIN, {"login": "alice@example.com", "password": PASSWORD})
    assert response.status_code == 403
    assert "send it once more" in response.content.decode()


def test_scripts_come_from_our_own_files_only(world):
    response = world.client("alice").get("/ui/")
    html = response.content.decode()
    assert "script-src 'self';" in response.headers["Content-Security-Policy"]
    assert "onclick=" not in html
    for opening in html.split("<script")[1:]:
        assert opening.lstrip().startswith(("src=", 'id="'))


def test_a_message_of_an_htmx_request_comes_with_its_answer(world):
    client = world.client("alice")
    client.post("/accounts/views/", {"path": "/ui/", "name": "Ours", "query": ""})
    answer = client.get("/ui/part/", headers={"HX-Request": "true"})
    assert 'hx-swap-oob="beforeend"' in answer.content.decode()
    assert "View “Ours” is saved." in answer.content.decode()
    assert not list(get_messages(client.get("/ui/").wsgi_request))
