"""The face of a kept question: its attributes are those of the answer that was given."""

from collections.abc import Callable, Iterable
from typing import Any

from ofx.tmf.inquiry.models import Inquiry
from ofx.tmf.rest.columns import Key, Moment, Text
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import Face


def kept(name: str) -> Callable[[Inquiry], Any]:
    """An attribute of the answer."""
    return lambda inquiry: inquiry.answer.get(name)


class InquiryFace(Face):
    """One kind of question. `dated` and `expiring` name the attributes of its two moments, `stated` that of its state;
    `names` are all the others."""

    prefix = ""
    dated = ""
    expiring = ""
    stated = "state"
    names: Iterable[str] = ()

    def __init__(self) -> None:
        self.attributes = {name: kept(name) for name in self.names}
        self.attributes[self.stated] = lambda inquiry: inquiry.state
        self.columns = {"id": Key(self.prefix), self.stated: Text("state")}
        if self.dated:
            self.attributes[self.dated] = lambda inquiry: stamp(inquiry.created_at)
            self.columns[self.dated] = Moment("created_at")
        if self.expiring:
            self.attributes[self.expiring] = lambda inquiry: stamp(inquiry.expires_at)
            self.columns[self.expiring] = Moment("expires_at")
        if "externalId" in self.names:
            self.columns["externalId"] = Text("external_id")

    def identify(self, row: Inquiry) -> str:
        """Our number with the letter of its kind."""
        return f"{self.prefix}{row.pk}"
