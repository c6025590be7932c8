"""Reach as a list: one line an area."""

from typing import Any

from django.db.models import F
from django.utils.html import format_html

from ofx.core.ui.tables import Column, Table


def _n(name: str) -> Any:
    return lambda row: f"{getattr(row, name):,}" if getattr(row, name) else ""


def _share(row: Any) -> Any:
    share = row.postcodes / row.postcodes_known if row.postcodes_known else 0
    return format_html(
        '<span class="reach-share"><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-50" width="{}" height="8" rx="1"></rect></svg>{} %</span>',
        round(100 * share, 1),
        round(100 * share),
    )


def _adds(name: str) -> Any:
    def shown(row: Any) -> Any:
        count = getattr(row, name)
        return format_html("<strong>+{}</strong>", f"{count:,}") if count else ""

    return shown


class ReachTable(Table):
    """Areas with what can be ordered there."""

    columns = [
        Column("area", "Area", sort="area", width=90, link=True),
        Column("name", "Name", sort="name"),
        Column("country", "Country", sort="country", hidden=True),
        Column("on_postcodes", "On-net postcodes", numeric=True, sort="on_postcodes", render=_n("on_postcodes")),
        Column("off_postcodes", "Off-net postcodes", numeric=True, sort="off_postcodes", render=_n("off_postcodes")),
        Column("postcodes", "Either", numeric=True, sort="postcodes", render=_n("postcodes"),
               help="Distinct: a postcode that several operators serve counts once"),
        Column("share", "Of all postcodes", accessor=lambda row: row.postcodes_known, render=_share, width=150,
               export=lambda row: round(row.postcodes / row.postcodes_known, 4) if row.postcodes_known else ""),
        Column("adds_postcodes", "One more adds", numeric=True, sort="adds_postcodes", render=_adds("adds_postcodes")),
        Column("on_premises", "On-net premises", numeric=True, sort="on_premises", render=_n("on_premises")),
        Column("off_premises", "Off-net premises", numeric=True, sort="off_premises", render=_n("off_premises")),
        Column("premises", "Either", numeric=True, sort="premises", render=_n("premises"),
               help="Of the premises that we know by address"),
        Column("adds_premises", "One more adds", numeric=True, sort="adds_premises", render=_adds("adds_premises")),
        Column("postcodes_known", "Postcodes in the area", numeric=True, sort="postcodes_known", hidden=True),
        Column("premises_known", "Known premises", numeric=True, sort="premises_known", hidden=True),
    ]  # fmt: skip
    per_page = 250
    noun = "area"
    empty_title = "Not counted yet"
    empty_text = "A worker counts reach within a minute of a footprint being published."
    empty_icon = "map"

    def url_for(self, row: Any) -> str:
        """A search of the area."""
        return f"/search/?q={row.area}&country={row.country}"

    def _order(self) -> list[Any]:
        if self.sort:
            return super()._order()
        return [F("adds_postcodes").desc(), F("postcodes").desc(), "area", "pk"]
