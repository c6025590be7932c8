"""TMF621 and TMF656 as a client. Their records are alike: created under our key, changed by merge-patch, never deleted.

What is listed in a PATCH of notes and attachments is added. No database, no clock, never an exception for what the
other side does.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from ofx.core import outbound
from partners.connectors.base import (
    Delivered,
    EndpointLike,
    Finding,
    Found,
    Job,
    NotReached,
    Page,
    Polled,
    Unreadable,
)  # fmt: skip
from partners.connectors.tmf622 import hub, probe
from partners.connectors.tmf622.calls import accepted, call, document, failed, judged, read
from partners.connectors.tmf622.compare import differences
from partners.connectors.tmf622.parse import content, word
from partners.connectors.tmf622.polling import changed
from partners.mapping.base import ParsedRecord

# What partners may word otherwise without having misunderstood us.
THEIRS = (
    "@type", "priority", "statusChangeReason", "originatorParty", "severity", "resolutionDate",
    "expectedResolutionDate",
)  # fmt: skip
BACK = ("inProgress", "reopened", "In Progress")
OVER = ("resolved", "closed", "rejected", "cancelled", "Resolved", "Closed", "Canceled")


class Cases:
    """What both connectors share. Subclasses name the resource and say where our key stands in it."""

    kind = ""
    resource = ""
    record_kind = ""
    by_key = "externalId"
    what = ""
    polls = True
    repeats_safely = False

    def deliver(self, endpoint: EndpointLike, job: Job) -> Delivered:
        """Send once and judge the answer."""
        creating = job.verb == "create"
        if not creating and not job.external_id:
            return Delivered("never", detail="the partner's id is not known: there is nothing to change there yet")
        path = self.resource if creating else self._path(job.external_id)
        try:
            reply = call(endpoint, "POST" if creating else "PATCH", path, job.wire, patch=not creating)
        except (outbound.NotSent, outbound.Unanswered) as error:
            return failed(error)
        if not 200 <= reply.status < 300:
            return judged(reply, creating=creating)
        echo = document(reply)
        if not isinstance(echo, dict) or not echo.get("id"):
            text = f"the answer is 2xx but holds no {self.resource}: whether it was done is unknown"
            return Delivered("unknown", reply.status, detail=text, fault="down")
        external_id = str(echo["id"])[:120] if creating else job.external_id
        return accepted(external_id, echo, reply.status, differences(comparable(job.wire, echo), plain(echo)))

    def _path(self, external_id: str) -> str:
        return f"{self.resource}/{quote(external_id, safe='')}"

    def find(self, endpoint: EndpointLike, job: Job) -> Found:
        """By our key for a create; by the record itself for the rest."""
        try:
            if job.verb == "create":
                return self._find_by_key(endpoint, job)
            if not job.external_id:
                return Found("absent")
            echo, _ = read(endpoint, self._path(job.external_id))
        except NotReached as error:
            asked, status = error.retry_after, error.status
            return Found("unsure", detail=str(error), fault=error.fault, retry_after=asked, status=status)
        if not isinstance(echo, dict):
            return Found("unsure", detail=f"the {self.resource} is not an object")
        return Found("done" if holds(job.wire, echo) else "absent", job.external_id, echo)

    def _find_by_key(self, endpoint: EndpointLike, job: Job) -> Found:
        found, _ = read(endpoint, self.resource, "?" + urlencode({self.by_key: job.key}))
        if not isinstance(found, list):
            raise NotReached(f"the list of {self.resource} is not a list")
        # A server may ignore a filter that it does not know and return everything (HUB item 7).
        ours = [row for row in found if isinstance(row, dict) and row.get("id") and self.key_of(row) == job.key]
        if not ours:
            return Found("absent")
        ours.sort(key=lambda row: str(row.get("creationDate") or ""))
        return Found("done", str(ours[0]["id"])[:120], ours[0], several=len(ours) > 1)

    def fetch(self, endpoint: EndpointLike, external_id: str) -> Polled | None:
        """The record as it is now; None if it is not there. Raises NotReached."""
        try:
            found, _ = read(endpoint, self._path(external_id))
        except NotReached as error:
            if error.fault == "gone":
                return None
            raise
        if not isinstance(found, dict):
            raise NotReached(f"the {self.resource} is not an object")
        return Polled(self._version_key(found), json.dumps(found).encode(), "query")

    def poll(self, endpoint: EndpointLike, at: datetime) -> Iterator[Page]:
        """Records changed since the cursor, oldest first. Raises NotReached."""
        return changed(endpoint, at, self.resource, self._version_key)

    def _version_key(self, row: dict[str, Any]) -> str:
        return f"{self.kind}:{str(row.get('id'))[:80]}:{version(row)}"

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> list[ParsedRecord]:
        """A notification, a bare record or a list of them. Raises Unreadable."""
        found = content(raw)
        given = found if isinstance(found, list) else [found]
        return [self._record(self._opened(row)) for row in given]

    def _opened(self, row: Any) -> dict[str, Any]:
        if not isinstance(row, dict):
            raise Unreadable("the payload is neither an object nor a list of objects")
        if "event" not in row and "eventType" not in row:
            return row
        event = row.get("event")
        inner = event.get(self.resource) if isinstance(event, dict) else None
        if not isinstance(inner, dict):
            raise Unreadable(f"event {str(row.get('eventType'))[:80]!r} holds no {self.resource}")
        return inner

    def _record(self, row: dict[str, Any]) -> ParsedRecord:
        if "status" not in row:
            raise Unreadable(f"{self.resource} has no status")
        ident = word(row.get("id"), f"{self.resource}.id")
        return ParsedRecord(self.record_kind, row, our_key=self.key_of(row), external_id=ident, version=version(row))

    def key_of(self, row: dict[str, Any]) -> str:
        """Our key in a record; empty where it bears none."""
        value = row.get("externalId")
        return word(value, "externalId") if value else ""

    def subscribe(self, endpoint: EndpointLike, callback: str) -> str:
        """Our hub at the partner, made or found. Raises NotReached."""
        return hub.subscribe(endpoint, callback)

    def probe(self, endpoint: EndpointLike, at: datetime) -> list[Finding]:
        """Authenticated read, filter by our key, clock."""
        return probe.findings(endpoint, at, self.resource, self.by_key, self.what)


def version(row: dict[str, Any]) -> str:
    """What tells two versions of a record apart: the partner's numbering, else all that it says (two changes may fall
    into one second)."""
    if row.get("sequence"):
        return str(row["sequence"])[:40]
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()[:32]


def plain(echo: dict[str, Any]) -> dict[str, Any]:
    """An echo with its lists cut to what we compare."""
    return {**echo, **{name: _cut(echo[name], name) for name in LISTS if isinstance(echo.get(name), list)}}


# Of lists only these attributes are compared: partners give ids, authors and dates of their own.
LISTS: dict[str, tuple[str, ...]] = {
    "note": ("text",),
    "attachment": ("name",),
    "relatedEntity": ("id",),
    "characteristic": ("name", "value"),
    "affectedService": ("id",),
    "affectedLocation": ("name",),
    "externalIdentifier": ("id",),
    "troubleTicketRelationship": ("id",),
}


def _cut(rows: list[Any], name: str) -> list[Any]:
    return [{key: row[key] for key in LISTS[name] if key in row} if isinstance(row, dict) else row for row in rows]


def comparable(wire: dict[str, Any], echo: dict[str, Any]) -> dict[str, Any]:
    """What of our body the echo must show (rule 5). A cancel may be weighed first (MEF 124)."""
    kept = {name: value for name, value in wire.items() if name not in THEIRS}
    if _moved_as_asked(kept.get("status"), echo):
        del kept["status"]
    return plain(kept)


def _moved_as_asked(status: Any, echo: dict[str, Any]) -> bool:
    now = echo.get("status")
    if status in BACK:
        return now not in OVER
    return status is not None and (now == status or (status == "cancelled" and now == "assessingCancellation"))


def holds(wire: dict[str, Any], echo: dict[str, Any]) -> bool:
    """Whether a change that may have been sent before is there. Notes are known by id, else by words."""
    for name in ("note", "attachment"):
        wanted, there = wire.get(name), echo.get(name)
        rows = [row for row in there if isinstance(row, dict)] if isinstance(there, list) else []
        if wanted and not all(_there(row, rows, name) for row in wanted):
            return False
    status = wire.get("status")
    if status is None:
        return True
    return _moved_as_asked(status, echo)


def _there(row: dict[str, Any], rows: list[dict[str, Any]], name: str) -> bool:
    attribute = LISTS[name][0]
    alike = [other for other in rows if other.get(attribute) == row.get(attribute)]
    return any(other.get("id") == row.get("id") for other in rows) if _keeps_ids(row, rows) else bool(alike)


def _keeps_ids(row: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Whether this partner keeps ids that we give: it does if it shows this one."""
    ident = row.get("id")
    return bool(ident) and any(other.get("id") == ident for other in rows)
