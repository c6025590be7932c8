"""Ask a partner's live service once, and read on later what it answers by and by. Never raises for what it does.

Reads only: an answer changes nothing at the partner, so a try whose outcome is unknown is simply made again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ofx.core import outbound
from partners.connectors.base import RETRY, UNKNOWN
from partners.connectors.tmf622.calls import call, document, failed, judged
from partners.connectors.tmf679.answers import AGAIN, REFUSED, Question, Told
from partners.connectors.tmf679.read import told
from partners.connectors.tmf679.write import check, poq

APIS = ("tmf679", "tmf645")  # the first that an endpoint offers is asked
RESOURCES = {"tmf679": "productOfferingQualification", "tmf645": "checkServiceQualification"}
WRITERS: dict[str, Callable[[Question], dict[str, Any]]] = {"tmf679": poq, "tmf645": check}


@dataclass(frozen=True)
class Service:
    """One Open API of a partner's system: what the calls read of it."""

    pk: int
    name: str
    base_url: str
    token: str
    timeout_seconds: float
    dialect: str = ""
    address: str = ""
    hub_id: str = ""
    poll_cursor: str = ""


def api_of(services: dict[str, Any]) -> str:
    """Which API of an endpoint answers live questions; empty where none does."""
    return next((api for api in APIS if isinstance(services.get(api), str) and services[api]), "")


def service_of(endpoint: Any, api: str, seconds: float) -> Service:
    """The live service of an endpoint, asked with its credentials; no call lasts longer than `seconds`."""
    limit = min(float(endpoint.timeout_seconds), seconds)
    return Service(endpoint.pk, endpoint.name, str(endpoint.services[api]), endpoint.token, limit)


def ask(service: Service, api: str, question: Question, at: datetime) -> Told:
    """Ask once."""
    return _told(service, api, question, at, "POST", RESOURCES[api], WRITERS[api](question))


def read_on(service: Service, api: str, question: Question, external_id: str, at: datetime) -> Told:
    """What became of a question that the partner took to answer later."""
    return _told(service, api, question, at, "GET", f"{RESOURCES[api]}/{quote(external_id, safe='')}", None)


def _told(
    service: Service, api: str, question: Question, at: datetime, method: str, path: str, body: dict[str, Any] | None
) -> Told:
    try:
        reply = call(service, method, path, body)  # type: ignore[arg-type]
    except (outbound.NotSent, outbound.Unanswered) as error:
        return Told(AGAIN, detail=failed(error).detail[:300], alive=False)
    if not 200 <= reply.status < 300:
        return _refused(reply)
    found = document(reply)
    if not isinstance(found, dict):
        return Told(AGAIN, detail="the answer is no JSON object", status=reply.status, alive=False)
    return told(api, question, found, at)


def _refused(reply: outbound.Reply) -> Told:
    judgement = judged(reply, creating=True)
    passing = judgement.outcome in (RETRY, UNKNOWN) and judgement.fault != "auth"
    return Told(
        AGAIN if passing else REFUSED,
        detail=judgement.detail[:300],
        retry_after=judgement.retry_after,
        status=reply.status,
        alive=not passing and judgement.fault != "auth",
    )
