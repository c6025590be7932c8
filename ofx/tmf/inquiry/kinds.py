"""Every kind of question with its face and the words of its events."""

from ofx.tmf.appointment.faces import SEARCH
from ofx.tmf.geographic_address.faces import VALIDATION
from ofx.tmf.inquiry.telling import Told
from ofx.tmf.qualification.faces import CHECK, OFFERS, QUERY
from ofx.tmf.quote.api import QUOTE

WORDS = ("Create", "AttributeValueChange", "StateChange", "Delete")
KINDS = {
    "address": Told(VALIDATION, ("StateChange",)),
    "offers": Told(OFFERS, WORDS),
    "check": Told(CHECK, WORDS),
    "query": Told(QUERY, ("Create", "StateChange", "Delete")),
    "quote": Told(QUOTE, WORDS),
    "slots": Told(SEARCH, WORDS),
}
