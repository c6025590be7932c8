"""A person deals with what no program could read: a notice of works, or a report without a usable scope."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from partners.models import Endpoint, Operator
from ticketing.outages.actions.declaring import from_partner
from ticketing.outages.actions.told import from_report
from ticketing.outages.from_news import read_problem
from ticketing.outages.keys import Key, ScopeInvalid
from ticketing.outages.models import MaintenanceNotice, Outage


def settle_notice(
    *, notice: MaintenanceNotice, actor: User | None, at: datetime, operator: Operator | None = None,
    title: str = "", keys: Iterable[Key] = (), window_start: datetime | None = None,
    window_end: datetime | None = None, dismiss: bool = False,
) -> Outage | None:  # fmt: skip
    """It becomes planned work to approve, what was reported an outage to approve, or is put aside.

    Raises ScopeInvalid naming the field, IllegalTransition where somebody has dealt with it.
    """
    permit(actor, "outage.write")
    with transaction.atomic():
        row = MaintenanceNotice.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=notice.pk)
        if row.state == "settled":
            raise IllegalTransition("Somebody has dealt with this notice already.")
        outage = row.outage
        if not dismiss and row.reported:
            outage = _of_report(row, at, operator, title, keys)
        elif not dismiss:
            outage = _of_works(row, at, operator, title, keys, window_start, window_end)
        MaintenanceNotice.objects.filter(pk=row.pk).update(
            state="settled", settled_at=at, settled_by=actor, outage=outage
        )
        verb = "put a notice aside" if dismiss else "made an outage of a report" if row.reported else "planned works"
        record(actor=actor, subject=f"notice:{row.pk}", verb=verb, at=at, organisation_id=row.organisation_id)
    return outage


def _of_works(
    row: MaintenanceNotice, at: datetime, operator: Operator | None, title: str, keys: Iterable[Key],
    start: datetime | None, end: datetime | None,
) -> Outage:  # fmt: skip
    if operator is None:
        raise ScopeInvalid({"operator": "Choose whose works these are."})
    return from_partner(
        at=at, organisation=row.organisation, operator=operator, external_id=f"notice-{row.pk}",
        title=title or row.subject, keys=keys, text=row.text[:4000], planned=True, window_start=start, window_end=end,
        expected_at=end, source="mail",
    )  # fmt: skip


def _of_report(
    row: MaintenanceNotice, at: datetime, operator: Operator | None, title: str, keys: Iterable[Key]
) -> Outage:
    """The reporter stays a party under its own id, so that it hears of it, and its news are heard."""
    said: dict[str, Any] = row.reported
    whose = Operator.objects.filter(pk=said.get("operator_id") or 0).first()
    customer = Organisation.objects.filter(
        pk=said.get("customer_id") or 0, kind="customer", provider=row.organisation_id
    ).first()  # fmt: skip
    if customer is None and whose is None:
        raise ScopeInvalid({"operator": "Whoever reported this is gone: put it aside, and declare the outage."})
    told = read_problem(said if said.get("external_id") else {**said, "external_id": f"notice-{row.pk}"})
    endpoint = Endpoint.objects.filter(pk=said.get("endpoint_id") or 0).first() if said.get("external_id") else None
    return from_report(
        at=at, organisation=row.organisation, told=told, keys=keys, customer=customer, endpoint=endpoint, title=title,
        operator=operator if customer is not None else whose,
    )  # fmt: skip
