"""Agreements as a list: what needs an answer first."""

from typing import Any

from django.db.models import F
from django.utils.html import format_html

from ofx.core.ui.display import age, state_chip
from ofx.core.ui.tables import Column, Table
from partners.agreements.filters import AgreementFilter


def _waits(row: Any) -> Any:
    if not row.waits_for:
        return format_html('<span class="muted">{}</span>', "nobody")
    return state_chip("needs your answer", "amber") if row.mine else row.get_waits_for_display()


class AgreementTable(Table):
    """Rows carry `mine` (the reader has to answer) and `regions_held`."""

    columns = [
        Column("party", "With", accessor="operator.name", sort="operator__name", link=True),
        Column("state", "State", template="{% state row %}", sort="state", width=120, export=lambda row: row.state),
        Column("waits_for", "Waits for", render=_waits, sort="waits_for", width=170),
        Column("starts", "From", sort="starts", nulls_last=True, width=110),
        Column("ends", "Until", sort="ends", nulls_last=True, width=110, accessor=lambda row: row.ends or "open"),
        Column("currency", "Currency", sort="currency", width=90),
        Column("moved_at", "Last act", sort="moved_at", nulls_last=True, width=120,
               render=lambda row: age(row.moved_at)),
        Column("provider", "Provider", accessor="organisation.name", sort="organisation__name", hidden=True),
    ]  # fmt: skip
    filterset_class = AgreementFilter
    search = ("operator__name__icontains", "operator__code__istartswith", "organisation__name__icontains")
    search_hint = "Operator or provider"
    sentences = {"state": "{}", "operator": "of {}", "provider": "with {}", "waits_for": "waits for {}"}
    noun = "agreement"
    empty_title = "No agreements yet"
    empty_text = "A service provider asks for one from the operators' directory or from a search result."
    empty_icon = "file-text"

    def tone_for(self, row: Any) -> str:
        """Marked where the reader has to answer."""
        return "soon" if row.mine else ""

    def _order(self) -> list[Any]:
        if self.sort:
            return super()._order()
        return ["-mine", F("moved_at").desc(nulls_last=True), "-pk"]


class OwnAgreementTable(AgreementTable):
    """As an operator sees them: by provider."""

    columns = [
        Column("party", "Service provider", accessor="organisation.name", sort="organisation__name", link=True),
        *(column for column in AgreementTable.columns if column.key not in {"party", "provider"}),
    ]


class AllAgreementTable(AgreementTable):
    """As the exchange sees them: both parties."""

    columns = [
        Column("party", "Agreement", accessor=lambda row: str(row), sort="organisation__name", link=True),
        *(column for column in AgreementTable.columns if column.key not in {"party", "provider"}),
    ]


TABLES = {
    "service_provider": AgreementTable,
    "operator": OwnAgreementTable,
    "exchange": AllAgreementTable,
}
