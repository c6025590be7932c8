"""Is this TMF endpoint usable? Reads only (HUB 1.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from partners.connectors.base import EndpointLike, Finding, NotReached
from partners.connectors.tmf622.calls import read

SKEW_LIMIT = 120.0


def findings(
    endpoint: EndpointLike, at: datetime, path: str = "productOrder", by_key: str = "externalId", what: str = "orders"
) -> list[Finding]:
    """Credentials and reading, the filter by our key, the clock. `by_key`: the attribute that bears our key."""
    try:
        found, reply = read(endpoint, path, "?" + urlencode({"limit": 1}))
    except NotReached as error:
        name = "Credentials" if error.fault == "auth" else f"Reading {what}"
        return [Finding(name, False, str(error))]
    rows = found if isinstance(found, list) else []
    made = [
        Finding("Credentials", True, f"accepted by {endpoint.base_url}"),
        Finding(f"Reading {what}", isinstance(found, list), f"{len(rows)} in the first page"),
    ]
    return [*made, _by_key(endpoint, path, by_key), _clock(reply.headers.get("date", ""), at)]


def _by_key(endpoint: EndpointLike, path: str, by_key: str) -> Finding:
    """A filter that is ignored would return everything, and an unknown create could not be looked up."""
    name = "Finding by our key"
    try:
        found, _ = read(endpoint, path, "?" + urlencode({by_key: "ofx-probe-no-such-key", "limit": 2}))
    except NotReached as error:
        return Finding(name, False, str(error))
    if found == []:
        return Finding(name, True, f"the filter by {by_key} works")
    return Finding(name, False, f"the filter by {by_key} is ignored: an unknown create must go to a person")


def _clock(date: str, at: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return Finding("Clock", True, "the partner does not tell its time")
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    skew = (theirs - at).total_seconds()
    return Finding("Clock", abs(skew) <= SKEW_LIMIT, f"{skew:+.0f} s against ours")
