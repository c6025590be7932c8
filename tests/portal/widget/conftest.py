"""A key of Alice's provider, a listed page, and calls as the widget makes them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.test import APIClient

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.portal.widget import actions
from ofx.portal.widget.models import WidgetKey
from ofx.portal.widget.tokens import sign
from tests.ticketing.guides.conftest import line, order_for, shop, take

__all__ = ["line", "order_for", "shop", "take"]
PAGE = "https://help.brightwave.example"
WHO: dict[str, Any] = {
    "customer": "harbour-books",
    "sub": "7",
    "name": "Wanda Widget",
    "email": "wanda@harbour.example",
}


def key_of(organisation: Organisation, actor: Any = None) -> WidgetKey:
    """A new key."""
    return actions.make_key(organisation=organisation, actor=actor, at=now())[0]


@pytest.fixture
def key(shop: SimpleNamespace) -> WidgetKey:
    """Alice's key; pages of PAGE may embed the widget."""
    actions.allow_origins(organisation=shop.brightwave, origins=[PAGE], actor=shop.alice, at=now())
    return key_of(shop.brightwave, shop.alice)


def call(token: str, path: str, body: Any = None, *, origin: str = PAGE, provider: str = "brightwave") -> Any:
    """A request of the script on a foreign page."""
    headers = {"HTTP_ORIGIN": origin} if origin else {}
    client, url = APIClient(headers={"Authorization": f"Bearer {token}"}), f"/api/v1/widget/{provider}/{path}"
    return client.get(url, **headers) if body is None else client.post(url, body, format="json", **headers)


@pytest.fixture
def ask(key: WidgetKey) -> Callable[..., Any]:
    """`ask("start/")`: as Wanda of Harbour Books, with claims changed where given."""

    def send(path: str, body: Any = None, **claims: Any) -> Any:
        return call(sign({**WHO, **claims}, key=key, at=now()), path, body)

    return send
