"""Is this TMF622 endpoint usable? Reads only (HUB 1.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from partners.connectors.base import EndpointLike, Finding, NotReached
from partners.connectors.tmf622.calls import read

SKEW_LIMIT = 120.0


def findings(endpoint: EndpointLike, at: datetime) -> list[Finding]:
    """Credentials and reading, the filter by our key, the clock."""
    try:
        found, reply = read(endpoint, "productOrder", "?" + urlencode({"limit": 1}))
    except NotReached as error:
        name = "Credentials" if error.fault == "auth" else "Reading orders"
        return [Finding(name, False, str(error))]
    rows = found if isinstance(found, list) else []
    made = [
        Finding("Credentials", True, f"accepted by {endpoint.base_url}"),
        Finding("Reading orders", isinstance(found, list), f"{len(rows)} in the first page"),
    ]
    return [*made, _by_key(endpoint), _clock(reply.headers.get("date", ""), at)]


def _by_key(endpoint: EndpointLike) -> Finding:
    """A filter that is ignored would return everything, and an unknown create could not be looked up."""
    name = "Finding by our key"
    try:
        found, _ = read(endpoint, "productOrder", "?" + urlencode({"externalId": "ofx-probe-no-such-key", "limit": 2}))
    except NotReached as error:
        return Finding(name, False, str(error))
    if found == []:
        return Finding(name, True, "the filter by externalId works")
    return Finding(name, False, "the filter by externalId is ignored: an unknown create must go to a person")


def _clock(date: str, at: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return Finding("Clock", True, "the partner does not tell its time")
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    skew = (theirs - at).total_seconds()
    return Finding("Clock", abs(skew) <= SKEW_LIMIT, f"{skew:+.0f} s against ours")
