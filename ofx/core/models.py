"""The kernel's models."""

from ofx.core.accounts.models import (
    ApiToken,
    Invitation,
    Membership,
    Organisation,
    SavedView,
    SingleSignOn,
    User,
)
from ofx.core.alerts.models import Alert, Watch
from ofx.core.audit.models import LogEntry
from ofx.core.calendars.models import Calendar, CalendarDay, CalendarVersion
from ofx.core.events.models import Event, Failing, Handled
from ofx.core.health.models import Heartbeat
from ofx.core.mail.models import Mail
from ofx.core.notices.models import NoticeChoice, NoticeSent
from ofx.core.personal.models import PersonalRequest

__all__ = [
    "Alert",
    "ApiToken",
    "Calendar",
    "CalendarDay",
    "CalendarVersion",
    "Event",
    "Failing",
    "Handled",
    "Heartbeat",
    "Invitation",
    "LogEntry",
    "Mail",
    "Membership",
    "NoticeChoice",
    "NoticeSent",
    "Organisation",
    "PersonalRequest",
    "SavedView",
    "SingleSignOn",
    "User",
    "Watch",
]
