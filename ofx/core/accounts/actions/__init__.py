"""Every write about people, organisations, sign-in and tokens (ADR 0006)."""

from ofx.core.accounts.actions.invitations import accept, invite, resend, revoke_invitation
from ofx.core.accounts.actions.people import (
    NotPossible,
    change_role,
    end_own_sessions,
    end_sessions,
    leave,
    remove_member,
    reset_second_factor,
)
from ofx.core.accounts.actions.profile import (
    change_email,
    change_profile,
    delete_view,
    request_email_change,
    save_view,
)
from ofx.core.accounts.actions.sign_on import (
    Refused,
    configure_sign_on,
    remove_sign_on,
    require_second_factor,
    welcome,
)
from ofx.core.accounts.actions.tokens import create_service, issue_token, revoke_token, visitor

__all__ = [
    "NotPossible",
    "Refused",
    "accept",
    "change_email",
    "change_profile",
    "change_role",
    "configure_sign_on",
    "create_service",
    "delete_view",
    "end_own_sessions",
    "end_sessions",
    "invite",
    "issue_token",
    "leave",
    "remove_member",
    "remove_sign_on",
    "request_email_change",
    "require_second_factor",
    "resend",
    "reset_second_factor",
    "revoke_invitation",
    "revoke_token",
    "save_view",
    "visitor",
    "welcome",
]
