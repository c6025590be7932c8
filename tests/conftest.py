"""The world of the tests (ARCHITECTURE 6.11).

Alice works for a service provider, Bob is her read-only colleague, Charlie works for another provider and must see
nothing of theirs, Olga works for an operator, Cara is a customer of Alice's provider, Ada runs the exchange.
"""

import gc
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient
from xdist.scheduler import LoadFileScheduling

from ofx.core.accounts.actions import issue_token
from ofx.core.events.actions import handle_due
from ofx.core.models import Membership, Organisation, User
from partners.models import Agreement, Offering, Operator, Place, Price
from tests.template_database import django_db_setup

__all__ = ["django_db_setup"]

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday morning
PASSWORD = "correct horse battery"
# `make thorough`: every role where the suite asks one of each kind
THOROUGH = os.environ.get("OFX_THOROUGH") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--crash-orders N`: how many orders the crash tests drive (the suite's small run by default)."""
    parser.addoption("--crash-orders", type=int, default=30, help="orders driven by the crash tests")


class OneProduct(LoadFileScheduling):
    """A file to one process, and all that drive a browser to the same one: they share one running product."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "tests/browser" if file.startswith("tests/browser/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneProduct:
    """How tests are dealt to processes where there are several (`make test`)."""
    return OneProduct(config, log)


# What takes longest comes first, so that no process works on alone at the end.
LONGEST = (
    "tests/browser/", "tests/test_p", "tests/crash/", "tests/embedded/", "tests/core/ui/", "tests/test_",
    "tests/core/test_backup", "tests/partners/connectors/", "tests/tmf/",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first; within a file the order stays as it is written."""

    def turn(item: pytest.Item) -> int:
        return next((n for n, start in enumerate(LONGEST) if item.nodeid.startswith(start)), len(LONGEST))

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not walk it again and again (migrating was a fifth slower)."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def organisation(kind: str, name: str, **fields: Any) -> Organisation:
    """An organisation with a slug made from its name."""
    slug = fields.pop("slug", name.lower().replace(" ", "-"))
    return Organisation.objects.create(kind=kind, name=name, slug=slug, **fields)


def person(email: str, org: Organisation, role: str, name: str = "") -> User:
    """A user with one membership and the common test password."""
    user = User.objects.create_user(email, PASSWORD, name=name or email.split("@")[0].title() + " Example")
    Membership.objects.create(user=user, organisation=org, role=role)
    return user


def operator(code: str, name: str = "", **fields: Any) -> Operator:
    """An operator with its organisation."""
    name = name or code.title()
    org = fields.pop("organisation", None) or organisation("operator", name, slug=f"op-{code}")
    return Operator.objects.create(organisation=org, code=code, name=name, **fields)


def agreement(provider: Organisation, op: Operator, **fields: Any) -> Agreement:
    """An active agreement from 2025 on."""
    defaults = {"state": "active", "starts": date(2025, 1, 1), "currency": "GBP"}
    return Agreement.objects.create(organisation=provider, operator=op, **{**defaults, **fields})


def offering(op: Operator, code: str = "fttp-500", **fields: Any) -> Offering:
    """A broadband offering with a list price of 30.00 a month."""
    monthly = fields.pop("monthly", "30.00")
    defaults = {"name": code.upper(), "kind": "broadband", "technology": "FTTP", "down_mbps": 500, "up_mbps": 100}
    row = Offering.objects.create(operator=op, code=code, **{**defaults, **fields})
    Price.objects.create(offering=row, monthly=monthly, starts=date(2025, 1, 1))
    return row


def place(code: str = "SW1A1AA", country: str = "GB", **fields: Any) -> Place:
    """A postcode; GB parts are cut from the code."""
    parts = {"outcode": code[:-3], "sector": code[:-2]} if country == "GB" else {"outcode": code[:3], "sector": code}
    defaults = {**parts, "lat": 51.501, "lon": -0.142, "live": True}
    return Place.objects.create(country=country, code=code, **{**defaults, **fields})


def signed_in(user: User) -> Client:
    """A Django test client with the user signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def world(db: Any) -> SimpleNamespace:
    """Organisations and people; `world.client("alice")` and `world.api("alice")` are signed in as them."""
    brightwave = organisation("service_provider", "Brightwave Telecom", slug="brightwave")
    cobalt = organisation("service_provider", "Cobalt Connect", slug="cobalt")
    northfibre = operator("northfibre", "Northfibre", provenance="synthetic")
    harbour = organisation("customer", "Harbour Books", provider=brightwave)
    exchange = organisation("exchange", "OFX Exchange", slug="ofx")
    people = {
        "alice": person("alice@example.com", brightwave, "admin"),
        "bob": person("bob@example.com", brightwave, "read_only"),
        "charlie": person("charlie@example.com", cobalt, "admin"),
        "olga": person("olga@example.com", northfibre.organisation, "fulfilment"),
        "cara": person("cara@example.com", harbour, "user"),
        "ada": person("admin@example.com", exchange, "admin"),
    }

    def client(name: str) -> Client:
        return Client() if name == "anonymous" else signed_in(people[name])

    def api(name: str) -> APIClient:
        caller = APIClient()
        if name != "anonymous":
            _, secret = issue_token(membership=people[name].acting, label="test", actor=None, at=AT)
            caller.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return caller

    return SimpleNamespace(
        **people,
        people=people,
        brightwave=brightwave,
        cobalt=cobalt,
        northfibre=northfibre,
        harbour=harbour,
        exchange=exchange,
        client=client,
        api=api,
        at=AT,
    )


@pytest.fixture
def run_on_commit(django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., Any]:
    """`with run_on_commit(): …` runs what on_commit would, inside a test that never commits."""

    def run() -> Any:
        return django_capture_on_commit_callbacks(execute=True)

    return run


@pytest.fixture
def settle() -> Callable[[], int]:
    """Run every event subscriber that is due, until nothing is left: what worker and sweep do in the product."""

    def run() -> int:
        total = 0
        while ran := handle_due(older_than=timedelta(0)):
            total += ran
        return total

    return run
