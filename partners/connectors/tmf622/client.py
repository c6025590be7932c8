"""TMF622 v4 as a client: create, patch, cancel, get, list, hub."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from ofx.core import outbound
from partners.connectors.base import Delivered, EndpointLike, Finding, Found, Job, NotReached, Page, Polled
from partners.connectors.tmf622 import hub, parse, probe
from partners.connectors.tmf622.calls import accepted, call, document, failed, judged, read
from partners.connectors.tmf622.compare import differences
from partners.connectors.tmf622.polling import changed
from partners.mapping.base import ParsedRecord

CANCELLING = ("assessingCancellation", "pendingCancellation", "cancelled")


class Tmf622:
    """The connector of kind `tmf622`. Creates are not idempotent: an unknown one is looked up by externalId."""

    kind = "tmf622"
    polls = True
    repeats_safely = False

    def deliver(self, endpoint: EndpointLike, job: Job) -> Delivered:
        """Send once and judge the answer."""
        creating = job.verb == "create"
        if not creating and not job.external_id:
            return Delivered("never", detail="the partner's id is not known: there is nothing to change there yet")
        method, path, body = self._request(job)
        try:
            reply = call(endpoint, method, path, body, patch=method == "PATCH")
        except (outbound.NotSent, outbound.Unanswered) as error:
            return failed(error)
        if not 200 <= reply.status < 300:
            return judged(reply, creating=creating)
        return self._done(job, body, reply)

    def _request(self, job: Job) -> tuple[str, str, dict[str, Any]]:
        if job.verb == "create":
            return "POST", "productOrder", job.wire
        if job.verb == "cancel":
            return "POST", "cancelProductOrder", {**job.wire, "productOrder": {"id": job.external_id}}
        return "PATCH", f"productOrder/{quote(job.external_id, safe='')}", job.wire

    def _done(self, job: Job, body: dict[str, Any], reply: outbound.Reply) -> Delivered:
        """A 2xx counts only with a readable record of the right thing in it."""
        echo = document(reply)
        if not isinstance(echo, dict) or not echo.get("id"):
            text = "the answer is 2xx but holds no order: whether it was done is unknown"
            return Delivered("unknown", reply.status, detail=text, fault="down")
        if job.verb == "cancel":
            return accepted("", echo, reply.status, [])
        if job.verb != "create":
            return accepted(job.external_id, echo, reply.status, differences(body, echo))
        return accepted(str(echo["id"])[:120], echo, reply.status, differences(body, echo))

    def find(self, endpoint: EndpointLike, job: Job) -> Found:
        """By our key for a create; by the record itself for the rest."""
        try:
            if job.verb == "create":
                return self._find_by_key(endpoint, job)
            return self._find_change(endpoint, job)
        except NotReached as error:
            asked, status = error.retry_after, error.status
            return Found("unsure", detail=str(error), fault=error.fault, retry_after=asked, status=status)

    def _find_by_key(self, endpoint: EndpointLike, job: Job) -> Found:
        found, _ = read(endpoint, "productOrder", "?" + urlencode({"externalId": job.key}))
        if not isinstance(found, list):
            raise NotReached("the list of orders is not a list")
        # A server may ignore a filter it does not know and return everything (HUB item 7).
        ours = [row for row in found if isinstance(row, dict) and row.get("externalId") == job.key and row.get("id")]
        if not ours:
            return Found("absent")
        ours.sort(key=lambda row: str(row.get("orderDate") or ""))
        return Found("done", str(ours[0]["id"])[:120], ours[0], several=len(ours) > 1)

    def _find_change(self, endpoint: EndpointLike, job: Job) -> Found:
        if not job.external_id:
            return Found("absent")
        echo, _ = read(endpoint, f"productOrder/{quote(job.external_id, safe='')}")
        if not isinstance(echo, dict):
            raise NotReached("the order is not an object")
        if job.verb == "cancel":
            done = echo.get("state") in CANCELLING or self._cancel_open(endpoint, job.external_id)
        else:
            done = not differences(job.wire, echo) and not _charge_open(job.wire, echo)
        return Found("done" if done else "absent", job.external_id, echo)

    def _cancel_open(self, endpoint: EndpointLike, external_id: str) -> bool:
        tasks, _ = read(endpoint, "cancelProductOrder")
        given = tasks if isinstance(tasks, list) else []
        return any(
            isinstance(task, dict)
            and (task.get("productOrder") or {}).get("id") == external_id
            and task.get("state") in ("acknowledged", "inProgress")
            for task in given
        )

    def fetch(self, endpoint: EndpointLike, external_id: str) -> Polled | None:
        """The order as it is now; None where the partner does not know it."""
        try:
            found, _ = read(endpoint, f"productOrder/{quote(external_id, safe='')}")
        except NotReached as error:
            if error.fault == "gone":
                return None
            raise
        if not isinstance(found, dict):
            raise NotReached("the order is not an object")
        return Polled(parse.version_key(found), json.dumps(found).encode(), "query")

    def poll(self, endpoint: EndpointLike, at: datetime) -> Iterator[Page]:
        """Orders changed since the cursor, oldest first."""
        return changed(endpoint, at)

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> list[ParsedRecord]:
        """A notification or a bare order as records. Raises Unreadable."""
        return parse.records(raw)

    def subscribe(self, endpoint: EndpointLike, callback: str) -> str:
        """Our hub at the partner, made or found. Raises NotReached."""
        return hub.subscribe(endpoint, callback)

    def probe(self, endpoint: EndpointLike, at: datetime) -> list[Finding]:
        """Authenticated read, filter by our key, clock."""
        return probe.findings(endpoint, at)


def _charge_open(wire: dict[str, Any], echo: dict[str, Any]) -> bool:
    """Whether a charge that we answered still waits for that answer."""
    answered = {str(row.get("id")) for row in wire.get("charge", [])}
    rows = echo.get("charge") if isinstance(echo.get("charge"), list) else []
    assert isinstance(rows, list)
    return any(
        isinstance(row, dict) and str(row.get("id")) in answered and row.get("status") == "awaitingResponse"
        for row in rows
    )
