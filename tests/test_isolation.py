"""Nobody sees a thing of another tenant, another operator or another customer: every endpoint × every role, generated.

The routes are those of the table of permissions. Strangers of every kind of organisation ask for each, in every role
with `make thorough`; what they get must not hold a single mark of Alice's provider, and what is addressed must not be
there for them.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from ofx.core.accounts.actions import issue_token
from ofx.core.models import Alert, Organisation, User
from ofx.orders.models import Note, Order
from tests.conftest import AT, THOROUGH, operator, organisation, person, signed_in
from tests.ofx.orders.conftest import order_for, shop
from tests.test_permissions import BODIES, PEOPLE, address, estate, rows

__all__ = ["estate", "order_for", "shop"]

ROLES = {
    "service_provider": ("admin", "order_desk", "fault_desk", "governance", "finance", "read_only"),
    "operator": ("admin", "fulfilment", "assurance"),
    "customer": ("admin", "user"),
}
# Routes that hold nothing of anybody, or whose address is the permission: they open for whoever holds it.
CAPABILITY = {
    "api/v1/schema/": "the API's description with invented examples, the same for everybody",
    "api/v1/docs/": "the same as a page",
    "partner/link/<str:token>/": "a signed link, sent to the operator of that order; tested with the partner portal",
    "fixed/<str:token>/": "a signed link, sent to whoever reported that fault; tested with the customers' portal",
    "notices/<str:token>/": "a signed link, sent to one address; tested with the customers' portal",
    "partner/fault-link/<str:token>/": "the same for faults",
    "hooks/<str:inbound_key>": "the inbound door: key and signature are the scope",
    "hooks/<str:inbound_key>/": "the inbound door",
    "hooks/<str:inbound_key>/<path:rest>": "the inbound door",
}
# What a provider gives to all its customers: another customer of the same house may read it.
FOR_ALL_CUSTOMERS = ("help/articles/<str:reference>/", "api/v1/^guides/(?P<pk>[^/.]+)/$")
ADMINS = dict.fromkeys(ROLES, ("admin",))  # who may most; the others of a house see no more
CHARLIE = PEOPLE.index("charlie")
REFUSED = (302, 400, 401, 403, 404, 405, 409, 422)
GONE = (403, 404)


def strangers(estate: SimpleNamespace) -> list[User]:
    """People of another provider, another operator, another customer, and another's customer: the administrator of
    each, and in the thorough run every role."""
    east = operator("eastwave", "Eastwave").organisation
    homes: dict[str, list[Organisation]] = {
        "service_provider": [estate.cobalt],
        "operator": [east],
        "customer": [
            organisation("customer", "Quill Ink", provider=estate.brightwave),
            organisation("customer", "Cobalt Cafe", provider=estate.cobalt),
        ],
    }
    return [
        person(f"{role}@{home.slug}.example", home, role)
        for kind, roles in (ROLES if THOROUGH else ADMINS).items()
        for home in homes[kind]
        for role in roles
    ]


def marks(estate: SimpleNamespace) -> list[str]:
    """Words that stand on things of Alice's provider and nowhere else."""
    order = Order.objects.get(reference=estate.values["reference"])
    Note.objects.create(order=order, text="remark-of-brightwave", internal=True, at=AT, author=estate.alice)
    Note.objects.create(order=order, text="word-to-harbour", internal=False, at=AT, author=estate.alice)
    Order.objects.filter(organisation=estate.brightwave).update(access_notes="behind-the-mill")
    Alert.objects.update(text="alert-for-alice")
    found = [*Order.objects.values_list("reference", flat=True), estate.harbour.name, "Paula Placeholder"]
    found += ["remark-of-brightwave", "word-to-harbour", "behind-the-mill", "alert-for-alice", "plan.pdf"]
    found += list(estate.brightwave.partner_orders.values_list("our_key", flat=True))
    found += [row.reference for row in estate.brightwave.services.all()]
    return [mark for mark in found if len(mark) > 4]


def ask(caller: Any, method: str, path: str, route: str) -> tuple[int, str]:
    """Status and text of an answer; whatever it changed is undone."""
    body = dict(BODIES.get(route, {}))
    if "file" in body:
        body["file"] = SimpleUploadedFile("plan.pdf", body["file"])
    with transaction.atomic():
        response = getattr(caller, method.lower())(path, body if method == "POST" else None)
        chunks = response.streaming_content if response.streaming else [response.content]
        text = b"".join(chunks).decode("utf-8", "replace")
        transaction.set_rollback(True)
    return response.status_code, text


@pytest.mark.parametrize("api", [False, True], ids=["pages", "api"])
def test_no_stranger_sees_or_reaches_anything_of_another_house(estate: SimpleNamespace, api: bool) -> None:
    secrets = marks(estate)
    people = strangers(estate)
    wrong: list[str] = []
    for method, route, statuses in rows():
        if route in CAPABILITY or route.startswith(("api/", "tmf-api/")) is not api:
            continue
        path = address(estate, route)
        named = path != "/" + route.replace("^", "").replace("$", "")  # it addresses one thing
        for user in people:
            status, text = ask(caller_of(user, api), method, path, route)
            if route in FOR_ALL_CUSTOMERS and user.acting.organisation.provider_id == estate.brightwave.pk:
                assert status == 200
                continue
            who = f"{user.acting.role} of {user.acting.organisation}"
            if named and statuses[CHARLIE] in GONE and status not in REFUSED:
                wrong.append(f"{who} reaches {method} {route}: {status}")
            if method == "GET" and named and statuses[CHARLIE] == 404 and status not in (*GONE, 405):
                wrong.append(f"{who} is told of {method} {route}: {status}")
            wrong += [f"{who} sees {mark} at {method} {route}" for mark in secrets if mark in text and mark not in path]
    assert wrong == []


def caller_of(user: User, api: bool) -> Any:
    """A signed-in client, or one with the person's token; kept on the person."""
    if not hasattr(user, "caller"):
        if api:
            _, secret = issue_token(membership=user.acting, label="t", actor=None, at=AT)
            user.caller = Client(headers={"Authorization": f"Bearer {secret}"})
        else:
            user.caller = signed_in(user)
    if not api and user.caller.session.get("_auth_user_id") is None:  # it signed out on the way
        user.caller = signed_in(user)
    return user.caller


def test_the_marks_are_seen_by_those_whose_they_are(estate: SimpleNamespace) -> None:
    secrets = marks(estate)
    seen = set()
    for path in (f"/orders/{estate.values['reference']}/", "/orders/", "/services/", "/alerts/"):
        text = estate.client("alice").get(path).content.decode()
        seen |= {mark for mark in secrets if mark in text}
    keys = set(estate.brightwave.partner_orders.values_list("our_key", flat=True))
    assert set(secrets) - seen - keys == set()
