#!/usr/bin/env python3
"""Order a product by its code at a postcode over TMF622 v4, and be told by signed notifications until it is done.

Build once: the same script orders from an operator with an API and from one that only reads e-mail. It needs nothing
but Python 3.11.

    python tmf622_client.py --base https://ofx.example --token TOKEN --offering nf-fttp-150 --postcode "SW1A 1AA" \\
        --customer "Ashdown Bakery" --contact "Ada Example" --phone "020 7946 0000"

Every line that it prints is a JSON object: what was ordered, and each notification whose signature holds. It ends with
0 as soon as the order has reached the wanted state, with 1 when it ended otherwise or the time was over.
"""

import argparse
import base64
import hashlib
import hmac
import json
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

API = "/tmf-api/productOrderingManagement/v4"
ENDED = {"completed", "partial", "failed", "rejected", "cancelled"}
OLDEST = 300  # seconds: an older signature is refused, so that a caught one cannot be played again


class Api:
    """The exchange, as this client calls it."""

    def __init__(self, base: str, token: str) -> None:
        self.root, self.token = base.rstrip("/") + API, token

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call; its JSON document. Raises SystemExit with the exchange's own words."""
        request = urllib.request.Request(  # noqa: S310  the address is the caller's own
            f"{self.root}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: HTTP {error.code} {error.read().decode(errors='replace')}") from error


class Listener:
    """A small HTTP server for notifications. They go to `told` as (headers, body)."""

    def __init__(self, host: str, port: int) -> None:
        told: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                told.put(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *values: Any) -> None:
                pass

        self.told = told
        self.server = ThreadingHTTPServer((host, port), Handler)
        self.address = f"http://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a notification was signed with our secret, and lately (Standard Webhooks 1.0.0)."""
    identifier, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not moment.isdigit() or abs(time.time() - int(moment)) > OLDEST:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{identifier}.{moment}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, one) for one in headers.get("webhook-signature", "").split())


def product_order(given: argparse.Namespace) -> dict[str, Any]:
    """The body of POST productOrder."""
    traits = [{"name": name, "value": value} for name, _, value in (one.partition("=") for one in given.characteristic)]
    place = {"role": "installationAddress", "postcode": given.postcode, "@referredType": "GeographicAddress"}
    item = {
        "id": "1",
        "action": "add",
        "quantity": 1,
        "productOffering": {"id": given.offering},
        "product": {"place": [place], "productCharacteristic": traits},
    }
    contact = {"id": "contact", "name": given.contact, "role": "siteContact", "@referredType": "Individual"}
    if given.phone:
        contact["contactMedium"] = [{"mediumType": "phone", "characteristic": {"phoneNumber": given.phone}}]
    customer = {"id": given.customer, "name": given.customer, "role": "customer", "@referredType": "Organization"}
    return {
        # Our own id: when an answer was lost, the same body is posted again and gives the same order.
        "externalId": given.external_id or f"demo-{uuid.uuid4()}",
        "description": f"{given.offering} for {given.customer}",
        "productOrderItem": [item],
        "relatedParty": [customer, contact],
    }


def say(what: str, **values: Any) -> None:
    """One line of output."""
    print(json.dumps({"what": what, **values}), flush=True)


def follow(listener: Listener, secret: str, order: str, wanted: str, until: float) -> int:
    """Print what is told of the order; 0 once it is in the wanted state."""
    seen: set[str] = set()
    while (left := until - time.monotonic()) > 0:
        try:
            headers, body = listener.told.get(timeout=left)
        except queue.Empty:
            break
        if not genuine(secret, headers, body):
            say("refused", reason="the signature does not hold")
            continue
        event = json.loads(body)
        about = event["event"].get("productOrder", {})
        if about.get("id") != order or event["eventId"] in seen:  # of another order, or told a second time
            continue
        seen.add(event["eventId"])
        state = about.get("state")
        say("told", eventType=event["eventType"], eventId=event["eventId"], state=state, verified=True)
        # Any other event shows the order as it was when it was written; only this one says where it went and when.
        if event["eventType"] == "ProductOrderStateChangeEvent" and (state == wanted or state in ENDED):
            say("ended", order=order, state=state)
            return 0 if state == wanted else 1
    say("timeout", order=order)
    return 1


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--base", required=True, help="address of the exchange")
    parser.add_argument("--token", required=True, help="API token of a user of the service provider")
    parser.add_argument("--offering", required=True, help="code of the product")
    parser.add_argument("--postcode", required=True)
    parser.add_argument("--customer", default="Ashdown Bakery")
    parser.add_argument("--contact", default="Ada Example", help="who is on site")
    parser.add_argument("--phone", default="020 7946 0000")
    parser.add_argument("--external-id", default="", help="our own id of the order")
    parser.add_argument("--characteristic", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT", help="where our callback listens")
    parser.add_argument("--callback", default="", help="how the exchange reaches it, where that is another address")
    parser.add_argument("--until", default="completed", help="the state to wait for")
    parser.add_argument("--seconds", type=float, default=120.0)
    return parser.parse_args()


def main() -> int:
    """Subscribe, order, follow, unsubscribe."""
    given = options()
    host, _, port = given.listen.rpartition(":")
    api, listener = Api(given.base, given.token), Listener(host, int(port))
    callback = given.callback or f"{listener.address}/{uuid.uuid4()}"
    hub = api.call("POST", "hub", {"callback": callback, "query": ""})
    try:
        order = api.call("POST", "productOrder", product_order(given))
        say("ordered", order=order["id"], state=order["state"], externalId=order["externalId"])
        until = time.monotonic() + given.seconds
        return follow(listener, hub["secret"], order["id"], given.until, until)
    finally:
        api.call("DELETE", f"hub/{hub['id']}")
        listener.server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
