"""The directory as a list: reach, products, record of delivery, ways of working, agreement."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from django.utils.html import format_html

from ofx.core.ui.display import NOTHING, compact
from ofx.core.ui.tables import Column
from ofx.portal.directory.filters import MarketFilter
from partners.operators.tables import OperatorTable

WAY_WORDS = {"tmf622": "API", "email": "e-mail", "csv": "CSV"}


def ways_in_words(row: Any) -> str:
    """How one works with an operator: `API, live answers`."""
    words = [WAY_WORDS.get(kind, kind) for kind in row.ways or ()] or ["portal"]
    words += ["live answers"] if row.answers_live else []
    words += ["appointments"] if row.books_visits else []
    return ", ".join(words)


def _on_time(row: Any) -> Any:
    if row.record_on_time is None:
        return NOTHING
    return f"{row.record_on_time:.0%}"


def _days(row: Any) -> Any:
    if row.record_sample is None:
        return format_html('<span class="muted">{}</span>', "no history")
    source = "own" if row.record_organisation_id else "pooled"
    words = f"n {row.record_sample} {source}"
    shown = '<span>{}–{} d <small class="muted">{}</small></span>'
    return format_html(shown, round(row.record_p50_days), round(row.record_p80_days), words)


def _postcodes(row: Any) -> Any:
    if not row.reach_postcodes:
        return NOTHING
    areas = f"{row.reach_areas} area{'' if row.reach_areas == 1 else 's'}"
    return format_html('<span>{} <small class="muted">{}</small></span>', compact(row.reach_postcodes), areas)


def _next(row: Any) -> Any:
    if row.my_agreement != "none" or row.on_net_of_id:
        return ""
    return format_html('<a class="btn btn-sm" href="/agreements/new/{}/">Ask<span class="visually-hidden"> {} for an '
                       "agreement</span></a>", row.code, row)  # fmt: skip


def _named(*keys: str, hidden: bool = False) -> list[Column]:
    found = [column for column in OperatorTable.columns if column.key in keys]
    return [replace(column, hidden=True) for column in found] if hidden else found


class MarketTable(OperatorTable):
    """Rows carry what `queries.market` adds."""

    columns = [
        *_named("name", "my_agreement"),
        Column("reach_postcodes", "Postcodes live", numeric=True, sort="reach_postcodes", nulls_last=True,
               render=_postcodes, width=140, help="Counted from its footprint in force"),
        Column("reach_premises", "Premises", numeric=True, sort="reach_premises", nulls_last=True, width=90,
               render=lambda row: compact(row.reach_premises) if row.reach_premises else NOTHING),
        Column("technologies", "Technologies", accessor=lambda row: ", ".join(row.technologies or [])),
        *_named("products"),
        Column("record_on_time", "On time", numeric=True, sort="record_on_time", nulls_last=True, render=_on_time,
               width=90, help="Orders of the last year completed by the committed date"),
        Column("record_p80_days", "Done in (P50–P80)", sort="record_p80_days", nulls_last=True,
               render=_days, width=170, help="Half and four in five, calendar days from submission to completion"),
        Column("ways", "Works by", accessor=ways_in_words, width=140),
        Column("next", "Next", render=_next, export=lambda row: "", width=70),
        Column("record_sample", "Orders measured", numeric=True, sort="record_sample", nulls_last=True, hidden=True),
        *_named("reach", "country", "rows_total", "published_at", "code", "provenance", hidden=True),
    ]  # fmt: skip
    filterset_class = MarketFilter
    sentences = {**OperatorTable.sentences, "area": "serves {}", "way": "works by {}", "on_time_min": "on time ≥ {} %"}

    @cached_property
    def shown(self) -> list[Column]:
        """The chosen columns; only who may buy is offered to ask."""
        acting: Any = getattr(self.request.user, "acting", None)
        buys = acting is not None and acting.organisation.kind == "service_provider"
        return [column for column in super().shown if buys or column.key != "next"]
