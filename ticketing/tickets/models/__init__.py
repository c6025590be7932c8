"""Rows of tickets."""

from ticketing.tickets.models.complaint import Complaint
from ticketing.tickets.models.desk import (
    Attachment,
    DeskTime,
    Handover,
    Macro,
    SopStep,
    SopTemplate,
    TicketMail,
)
from ticketing.tickets.models.partner_ticket import PartnerTicket, TicketFact
from ticketing.tickets.models.testing import FaultRules, ServiceTest
from ticketing.tickets.models.ticket import Ticket, TicketLink, TicketNote, TicketParty, TicketWait

__all__ = [
    "Attachment",
    "Complaint",
    "DeskTime",
    "FaultRules",
    "Handover",
    "Macro",
    "PartnerTicket",
    "ServiceTest",
    "SopStep",
    "SopTemplate",
    "Ticket",
    "TicketFact",
    "TicketLink",
    "TicketMail",
    "TicketNote",
    "TicketParty",
    "TicketWait",
]
