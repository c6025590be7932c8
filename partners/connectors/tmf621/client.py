"""TMF621 v4 as a client: create, note, answer, attach, status by merge-patch, get, list, hub."""

from partners.connectors.cases import Cases


class Tmf621(Cases):
    """The connector of kind `tmf621`. Creates are not idempotent: an unknown one is looked up by externalId."""

    kind = "tmf621"
    resource = "troubleTicket"
    record_kind = "ticket"
    what = "tickets"
