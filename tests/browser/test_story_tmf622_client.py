"""Build once: one unchanged TMF622 client orders from the API partner and from the e-mail partner alike."""

import json
import subprocess
import sys
from typing import Any

import pytest
import requests

from tests.browser.conftest import ROOT, Product

pytestmark = pytest.mark.browser
TOKEN = """
import io, json
from django.core.management import call_command
said = io.StringIO()
call_command("api_token", user="alice@example.com", stdout=said)
print(json.dumps(said.getvalue().strip()))
"""
SCRIPT = ROOT / "docs" / "examples" / "tmf622_client.py"


def run(product: Product, token: str, offering: str) -> list[dict[str, Any]]:
    """The lines that the script prints for one product."""
    command = [sys.executable, str(SCRIPT), "--base", product.url, "--token", token, "--offering", offering]
    command += ["--postcode", "SW1A 1AA", "--characteristic", "scenario=clean", "--seconds", "90"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("offering", "partner"), [("nf-fttp-150", "Northfibre"), ("mt-fttp-80", "Mailtel")])
def test_one_client_orders_from_the_api_partner_and_the_mail_partner_alike(
    product: Product, offering: str, partner: str
) -> None:
    token = product.ask(TOKEN)
    lines = run(product, token, offering)
    assert (lines[0]["what"], lines[0]["state"], lines[-1]["state"]) == ("ordered", "acknowledged", "completed")
    told = [line for line in lines if line["what"] == "told"]
    assert all(line["verified"] for line in told)
    types = [line["eventType"] for line in told]
    assert types[0] == "ProductOrderCreateEvent"
    assert types.count("ProductOrderStateChangeEvent") >= 2
    headers = {"Authorization": f"Bearer {token}"}
    order = requests.get(f"{product.url}/api/v1/orders/{lines[0]['order']}/", headers=headers, timeout=20).json()
    assert order["items"][0]["partner_order"]["operator"]["name"] == partner
