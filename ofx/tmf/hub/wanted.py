"""What a subscription wants to be told of: its `query` in the grammar of every list, on the notification."""

from typing import Any

from ofx.tmf.hub.catalogue import events_of
from ofx.tmf.rest.errors import invalid
from ofx.tmf.rest.matching import check, matches
from ofx.tmf.rest.query import Group, read_filter

ENVELOPE = ("eventId", "eventType", "eventTime", "correlationId", "domain", "title", "description", "priority", "event")
PATH_OPTION = "listenerPath"


def read_wanted(query: str, api: str, version: str) -> tuple[Group, ...]:
    """The groups of a query. Raises ValidationError for what cannot be asked, and for an unknown event type."""
    kept = "&".join(part for part in query.lstrip("?").split("&") if not part.startswith(f"{PATH_OPTION}="))
    groups = read_filter(kept, (*ENVELOPE, "state", "id", "externalId"))
    check(groups)
    known = events_of(api, version)
    for condition in (condition for group in groups for condition in group):
        strange = [value for value in condition.values if condition.path == "eventType" and value not in known]
        if strange:
            raise invalid("query", f"There is no event {strange[0][:60]!r} here. There are: {', '.join(known)}.")
    return groups


def wants(query: str, api: str, version: str, body: dict[str, Any]) -> bool:
    """Whether a notification is wanted. The resource's own id, state and externalId may be named without a path."""
    resource: dict[str, Any] = next(iter(body.get("event", {}).values()), {})
    return matches({**resource, **body}, read_wanted(query, api, version))
