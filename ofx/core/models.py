"""The kernel's models."""

from ofx.core.accounts.models import ApiToken, Membership, Organisation, SavedView, User
from ofx.core.alerts.models import Alert, Watch
from ofx.core.audit.models import LogEntry
from ofx.core.calendars.models import Calendar, CalendarDay, CalendarVersion
from ofx.core.events.models import Event, Failing, Handled
from ofx.core.health.models import Heartbeat

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
    "LogEntry",
    "Membership",
    "Organisation",
    "SavedView",
    "User",
    "Watch",
]
