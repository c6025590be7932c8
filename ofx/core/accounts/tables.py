"""The lists of people, invitations and tokens."""

from typing import Any

from ofx.core.accounts.filters import InvitationFilter, PersonFilter, TokenFilter
from ofx.core.clock import now
from ofx.core.ui.display import age, state_chip
from ofx.core.ui.tables import Column, Table


def _kind(row: Any) -> str:
    return "program" if row.user.is_service else row.user.email


def _token_state(row: Any) -> tuple[str, str]:
    if row.revoked_at:
        return "Revoked", "grey"
    return ("Expired", "grey") if row.expires_at and row.expires_at <= now() else ("Valid", "blue")


class PersonTable(Table):
    """Who may act for us, and how."""

    columns = [
        Column("name", "Name", accessor=lambda row: str(row.user), sort="user__name", link=True, width=200),
        Column("email", "E-mail", accessor=_kind, sort="user__email"),
        Column("organisation", "Acts for", accessor="organisation.name", sort="organisation__name"),
        Column("role", "Role", accessor=lambda row: row.get_role_display(), sort="role", width=130),
        Column(
            "factor",
            "Second factor",
            render=lambda row: "–" if row.user.is_service else "yes" if row.factor else "no",
            export=lambda row: row.factor,
            sort="factor",
            width=120,
        ),
        Column("seen", "Last signed in", accessor="user.last_login", sort="user__last_login", nulls_last=True),
        Column("since", "Account since", accessor="user.created_at", sort="user__created_at", hidden=True),
    ]
    default_order, filterset_class = "user__name", PersonFilter
    search = ("user__name__icontains", "user__email__icontains", "organisation__name__icontains")
    search_hint = "Name, e-mail, organisation"
    sentences = {"role": "{}", "whose": "{}", "factor": "second factor {}"}
    noun, nouns = "person", "people"


class InvitationTable(Table):
    """Who was asked, and what became of it."""

    columns = [
        Column("email", "E-mail", sort="email", link=True),
        Column("organisation", "Acts for", accessor="organisation.name", sort="organisation__name"),
        Column("role", "Role", accessor=lambda row: row.get_role_display(), sort="role", width=130),
        Column(
            "state",
            "State",
            render=lambda row: state_chip(*row.STATE_LOOK[row.state_at(now())]),
            export=lambda row: row.state_at(now()),
            width=110,
        ),
        Column("by", "Invited by", accessor=lambda row: str(row.invited_by or "–")),
        Column("expires", "Good until", accessor="expires_at", sort="expires_at"),
        Column("created", "First sent", accessor="created_at", sort="created_at"),
    ]
    default_order, filterset_class = "-created_at", InvitationFilter
    search = ("email__icontains", "organisation__name__icontains")
    noun = "invitation"
    empty_title = "Nobody is invited"
    empty_text = "Invite colleagues by e-mail; they choose their own password."
    empty_icon = "mail"


class TokenTable(Table):
    """Which programs act for us."""

    columns = [
        Column("label", "Token", accessor=str, sort="label", link=True),
        Column("owner", "Acts as", accessor=lambda row: str(row.membership.user), sort="membership__user__name"),
        Column("organisation", "For", accessor="membership.organisation.name", sort="membership__organisation__name"),
        Column("role", "Role", accessor=lambda row: row.membership.get_role_display(), width=120),
        Column(
            "state",
            "State",
            render=lambda row: state_chip(*_token_state(row)),
            export=lambda row: _token_state(row)[0],
            width=100,
        ),
        Column(
            "used",
            "Last used",
            accessor="last_used_on",
            sort="last_used_on",
            nulls_last=True,
            help="The day only",
            width=110,
        ),
        Column("created", "Created", accessor="created_at", sort="created_at"),
        Column("expires", "Good until", render=lambda row: age(row.expires_at) if row.expires_at else "it is revoked"),
    ]
    default_order, filterset_class = "-created_at", TokenFilter
    search = ("label__icontains", "hint__iexact", "membership__user__name__icontains")
    search_hint = "Label, last characters, person"
    sentences = {"state": "{}"}
    noun = "token"
    bulk_template = "account/token_bulk.html"
    empty_title = "No tokens yet"
    empty_text = "A token lets a program do what its owner may do, through the API."
    empty_icon = "key"

    def url_for(self, row: Any) -> str:
        """The page of the person or program that holds it."""
        return row.membership.get_absolute_url()
