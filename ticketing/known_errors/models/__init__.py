"""Rows of known errors."""

from ticketing.known_errors.models.article import KnownError, KnownErrorVersion
from ticketing.known_errors.models.candidate import Candidate, CandidateTicket
from ticketing.known_errors.models.evidence import KnownErrorTicket, KnownErrorUse
from ticketing.known_errors.models.searching import KnownErrorIndex, KnownErrorWord

__all__ = [
    "Candidate",
    "CandidateTicket",
    "KnownError",
    "KnownErrorIndex",
    "KnownErrorTicket",
    "KnownErrorUse",
    "KnownErrorVersion",
    "KnownErrorWord",
]
