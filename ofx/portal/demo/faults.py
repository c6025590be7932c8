"""Several hundred faults in every state, with what was asked, tested, raised and answered, up to today."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from ofx.core.models import LogEntry, Organisation, User
from ofx.orders.models import ServiceRecord
from ofx.portal.demo import fault_texts as texts
from ofx.portal.demo.base import Demo
from ofx.portal.demo.fault_replay import Draft
from ofx.portal.demo.fault_stories import Story, tell
from partners.models import Operator
from ticketing.models import (
    Complaint,
    DeskTime,
    FaultRules,
    Handover,
    Macro,
    PartnerTicket,
    ServiceTest,
    SopStep,
    SopTemplate,
    Ticket,
    TicketFact,
    TicketMail,
    TicketNote,
    TicketParty,
    TicketWait,
)
from ticketing.tickets.partner_settle import settle_partner
from ticketing.tickets.settle import settle
from ticketing.tickets.vocabulary import EARLY_LIFE_DAYS, ENDED, PRIORITY, REPEAT_DAYS

LABEL = "Faults and their history"
TICKETS = {"full": 640, "small": 90}
SHARES = {"brightwave": 0.55, "cobalt": 0.27, "meridian": 0.18}
DESKS = {
    "brightwave": ("fay@example.com", "alice@example.com"),
    "cobalt": ("charlie@example.com",),
    "meridian": ("dana@example.com",),
}
HORIZON = 150  # days of history
TSC = "theo@example.com"
ETHERNET = ("EAD", "DFA")
OPENED_NOW = ("partner", "l1", "tsc", "partner")  # the newest of each tenant: so that every queue has something in it


def run(demo: Demo) -> str:
    """What the desks work with, then the tickets, their partner tickets, mails, complaints and hand-overs."""
    add_rules()
    add_checklists(demo)
    mark = f"demo-{demo.seed}-f-"
    if not Ticket.objects.filter(idempotency_key__startswith=mark).exists():
        with transaction.atomic():
            Writer(demo, mark).write(TICKETS[demo.scale])
    open_now = Ticket.objects.exclude(state__in=ENDED).count()
    return f"{Ticket.objects.count():,} tickets, {open_now} open, {PartnerTicket.objects.count()} raised with partners"


def add_rules() -> None:
    """What each operator wants before it takes a fault: shared by all tenants, editable in the browser."""
    for operator in Operator.objects.filter(on_net_of=None):
        values = texts.RULES.get(operator.code, texts.OTHERS)
        FaultRules.objects.get_or_create(operator=operator, organisation=None, defaults=values)


def add_checklists(demo: Demo) -> None:
    """The exchange's checklists and macros; each tenant may write its own beside them."""
    since = demo.at - timedelta(days=HORIZON + 30)
    for fault_class, (title, rows) in texts.CHECKLISTS.items():
        steps = [
            {"title": name, "help": told, "evidence": evidence, "mandatory": must}
            for name, told, evidence, must in rows
        ]
        SopTemplate.objects.get_or_create(
            organisation=None,
            fault_class=fault_class,
            version=1,
            defaults={"title": title, "steps": steps, "published_at": since, "created_at": since},
        )
    for name, key, text, then in texts.MACROS:
        Macro.objects.get_or_create(
            organisation=None, name=name, defaults={"key": key, "text": text, "then_state": then}
        )


class Writer:
    """Draws tickets and writes them in bulk."""

    def __init__(self, demo: Demo, mark: str) -> None:
        self.demo, self.mark = demo, mark
        people = {user.email: user for user in User.objects.all()}
        self.desks = {slug: [people[email] for email in emails] for slug, emails in DESKS.items()}
        self.tsc = people[TSC]
        self.cara = people["cara@example.com"]
        self.providers = {row.slug: row for row in Organisation.objects.filter(slug__in=SHARES)}
        self.checklists = {row.fault_class: row for row in SopTemplate.objects.filter(organisation=None)}
        self.ended: dict[tuple[int, str], datetime] = {}  # service and class → when the last fault of it ended

    def write(self, count: int) -> None:
        """All tickets of all tenants, oldest first."""
        drafts = sorted(self.plan(count), key=lambda one: one[0].ticket.created_at)
        for number, (draft, story) in zip(take_numbers(len(drafts)), drafts, strict=True):
            draft.ticket.pk, draft.ticket.reference = number, f"TT-{number:06d}"
            self.flag(draft.ticket)
            draft.play(story.steps)
            self.remember(draft.ticket)
        made = [draft for draft, _ in drafts]
        save(made)
        self.add_checklist_steps(made)
        self.add_parties_and_mails(made)
        for draft in made:
            if draft.ticket.state not in ENDED:
                finish(draft, self.demo.at)
        self.add_complaints(made)
        self.add_handovers(made)

    def plan(self, count: int) -> Iterator[tuple[Draft, Story]]:
        """A draft and its story for each ticket to be."""
        for slug, share in SHARES.items():
            services = self.services(slug)
            for number in range(round(count * share) if services else 0):
                yield self.draw(slug, number, services)

    def services(self, slug: str) -> list[ServiceRecord]:
        """The tenant's live services, the same for the same seed."""
        rows = ServiceRecord.objects.filter(organisation=self.providers[slug], state="active", simulated=False)
        return list(rows.select_related("operator", "offering", "customer", "item__order").order_by("reference"))

    def draw(self, slug: str, number: int, services: list[ServiceRecord]) -> tuple[Draft, Story]:
        """One ticket of a tenant: about a service, or, one in ten, about a place or nothing yet."""
        dice = self.demo.dice("fault", slug, number)
        service = dice.choice(services)
        known = dice.random() >= 0.1
        fresh = number < 3 * len(OPENED_NOW)
        way = OPENED_NOW[number % len(OPENED_NOW)] if fresh else ""
        outside = known and service.operator.on_net_of_id is None
        story = tell(dice, ethernet=service.offering.technology in ETHERNET, partner=outside, way=way)
        created = self.moment(dice, service, hours=(0.1 if number % 6 == 1 else dice.uniform(1, 26)) if fresh else None)
        ticket = self.ticket(dice, slug, number, service if known else None, service, story, created)
        return Draft(ticket, dice, self.desks[slug], self.tsc, self.demo.at), story

    def moment(self, dice: Any, service: ServiceRecord, hours: float | None) -> datetime:
        """When it was reported: after the service went live, in waking hours; more of late than long ago."""
        if hours is not None:
            return max(self.demo.at - timedelta(hours=hours), service.active_from)
        room = min(timedelta(days=HORIZON), self.demo.at - service.active_from)
        day = (self.demo.at - room * (dice.random() ** 1.4)).date()
        at = datetime.combine(day, time(7), UTC) + timedelta(minutes=dice.randrange(14 * 60))
        return min(max(at, service.active_from), self.demo.at - timedelta(minutes=dice.randrange(5, 180)))

    def ticket(
        self,
        dice: Any,
        slug: str,
        number: int,
        service: ServiceRecord | None,
        near: ServiceRecord,
        story: Story,
        at: datetime,
    ) -> Ticket:
        """The ticket as it was opened."""
        order = near.item.order
        customer = near.customer
        reported = self.cara if customer.slug == "harbour-books" and story.channel == "portal" else None
        desk = None if story.channel in ("portal", "api", "email") else self.desks[slug][0]
        return Ticket(
            organisation=self.providers[slug],
            customer=customer,
            idempotency_key=f"{self.mark}{slug}-{number}",
            external_id=f"INC{200000 + number}" if story.channel == "api" else "",
            service=service,
            order=order if service else None,
            operator=service.operator if service else None,
            country=near.country,
            postcode=near.postcode,
            place_text=near.place_text,
            title=story.title,
            description=story.said,
            fault_class=story.fault_class,
            channel=story.channel,
            severity=story.severity,
            impact=story.impact,
            priority=PRIORITY[story.severity, story.impact],
            answers=story.answers,
            digital_voice=story.fault_class == "voice",
            reported_by=reported,
            created_by=reported or desk,
            contact_name=order.contact_name,
            contact_phone=order.contact_phone,
            contact_email=order.contact_email,
            created_at=at,
            acknowledged_at=at,
            holder="us",
            holder_since=at,
        )

    def flag(self, ticket: Ticket) -> None:
        """Early life, and the same again within four weeks (DOMAIN 1.4)."""
        if ticket.service is None:
            return
        ticket.early_life = ticket.created_at < ticket.service.active_from + timedelta(days=EARLY_LIFE_DAYS)
        last = self.ended.get((ticket.service.pk, ticket.fault_class))
        ticket.repeat_fault = bool(last and timedelta(0) < ticket.created_at - last < timedelta(days=REPEAT_DAYS))

    def remember(self, ticket: Ticket) -> None:
        """When this service's fault ended, for the flag of the next."""
        if ticket.service is not None and ticket.state == "closed" and ticket.closed_at:
            self.ended[ticket.service.pk, ticket.fault_class] = ticket.closed_at

    def add_checklist_steps(self, drafts: list[Draft]) -> None:
        """The class's checklist; done where the ticket is, half done where it is not."""
        made = []
        for draft in drafts:
            template = self.checklists.get(draft.ticket.fault_class)
            if template is None or draft.ticket.resolved_tier == "self":
                continue
            begun = draft.ticket.assigned_to_id is not None
            share = 1.0 if draft.ticket.resolved_at else draft.dice.uniform(0.2, 0.7) if begun else 0.0
            made += list(checklist(draft, template, share))
        SopStep.objects.bulk_create(made, batch_size=2000)

    def add_parties_and_mails(self, drafts: list[Draft]) -> None:
        """Who is told, and the mail that a ticket of the mail came by."""
        parties, mails = [], []
        for draft in drafts:
            ticket = draft.ticket
            if ticket.reported_by:
                parties.append(TicketParty(ticket=ticket, role="originator", user=ticket.reported_by))
            parties.append(
                TicketParty(ticket=ticket, role="contact", name=ticket.contact_name, email=ticket.contact_email)
            )
            if ticket.channel == "email":
                mails.append(mail(ticket))
        TicketParty.objects.bulk_create(parties, batch_size=2000)
        TicketMail.objects.bulk_create(mails, batch_size=500)
        lost = mail(drafts[-1].ticket)
        lost.ticket, lost.subject, lost.message_id = None, "Line dead again", f"<{self.mark}lost@customer.example>"
        lost.text, lost.at = "Hello, it is dead again at the shop. Sam", self.demo.at - timedelta(hours=2)
        lost.save()

    def add_complaints(self, drafts: list[Draft]) -> None:
        """Customers who were not content: answered, closed, and a few with their clock running."""
        cases = [draft for draft in drafts if draft.ticket.reopened or draft.ticket.chargeable]
        for number, draft in enumerate(cases[-12:]):
            ticket, (text, wish) = draft.ticket, texts.COMPLAINTS[number % len(texts.COMPLAINTS)]
            assert ticket.customer is not None  # every demonstration ticket has one
            made = min(ticket.created_at + timedelta(days=2), self.demo.at - timedelta(hours=3 + number))
            state = ("received", "answered", "closed")[number % 3]
            answered = None if state == "received" else min(made + timedelta(days=4), self.demo.at)
            Complaint.objects.create(
                organisation=ticket.organisation,
                customer=ticket.customer,
                ticket=ticket,
                reference=f"CP-{ticket.pk:06d}",
                made_by=ticket.reported_by,
                text=text,
                wish=wish,
                state=state,
                made_at=made,
                answer_by=max(made + timedelta(days=10), self.demo.at + timedelta(days=2))
                if state == "received"
                else made + timedelta(days=10),
                answered_at=answered,
                answer="You are right, and we are sorry. The charge is credited." if answered else "",
                closed_at=answered if state == "closed" else None,
            )

    def add_handovers(self, drafts: list[Draft]) -> None:
        """The last three shifts of each desk."""
        for slug, provider in self.providers.items():
            waiting = [d.ticket for d in drafts if d.ticket.organisation == provider and d.ticket.state not in ENDED]
            author, taker = self.desks[slug][0], self.desks[slug][-1]
            for shift in range(3):
                at = self.demo.at - timedelta(hours=8 * shift + 1)
                named = ", ".join(ticket.reference for ticket in waiting[shift : shift + 3]) or "nothing special"
                Handover.objects.create(
                    organisation=provider,
                    author=author,
                    text=f"Look first at {named}. The partner's duty desk calls back about the oldest one.",
                    figures={"open": len(waiting), "priority_1": sum(ticket.priority == 1 for ticket in waiting)},
                    at=at,
                    taken_by=taker if shift else None,
                    taken_at=at + timedelta(minutes=10) if shift else None,
                )


def save(drafts: list[Draft]) -> None:
    """Everything in bulk, parents first."""
    Ticket.objects.bulk_create([draft.ticket for draft in drafts], batch_size=500)
    ServiceTest.objects.bulk_create([test for draft in drafts for test in draft.tests], batch_size=1000)
    rows = [draft.partner for draft in drafts if draft.partner is not None]
    PartnerTicket.objects.bulk_create(rows, batch_size=500)
    TicketFact.objects.bulk_create([fact for draft in drafts for fact in draft.facts], batch_size=2000)
    TicketNote.objects.bulk_create([note for draft in drafts for note in draft.notes], batch_size=2000)
    for draft in drafts:
        for wait in draft.waits:
            if wait.source_key and draft.partner is not None:
                wait.source_key = f"partner:{draft.partner.pk}:{wait.source_key}"
        for entry in draft.logs:
            entry.subject = f"ticket:{draft.ticket.pk}"
    TicketWait.objects.bulk_create([wait for draft in drafts for wait in draft.waits], batch_size=2000)
    LogEntry.objects.bulk_create([entry for draft in drafts for entry in draft.logs], batch_size=2000)
    DeskTime.objects.bulk_create([row for draft in drafts for row in minutes(draft)], batch_size=5000)
    name_questions(drafts)


def name_questions(drafts: list[Draft]) -> None:
    """The wait for a customer's answer is named after the question that opened it."""
    asked = [(note, draft) for draft in drafts for note in draft.notes if note.is_question and note.author == "staff"]
    for note, draft in asked:
        waits = TicketWait.objects.filter(ticket=draft.ticket, source_key="", opened_at=note.at)
        waits.update(source_key=f"note:{note.pk}")


def minutes(draft: Draft) -> Iterator[DeskTime]:
    """Measured time, minute by minute."""
    seen: set[tuple[int, datetime]] = set()
    for at, user, seconds in draft.worked:
        begin = at.replace(second=0, microsecond=0)
        for number, left in enumerate(range(seconds, 0, -60)):
            minute = begin + timedelta(minutes=number)
            if (user.pk, minute) not in seen:
                seen.add((user.pk, minute))
                yield DeskTime(ticket=draft.ticket, user=user, minute=minute, seconds=min(60, left))


def checklist(draft: Draft, template: SopTemplate, share: float) -> Iterator[SopStep]:
    """Steps of a ticket; the first ones are done."""
    done = round(len(template.steps) * share)
    for position, step in enumerate(template.steps, start=1):
        finished = position <= done
        wants = step["evidence"]
        evidence = {"text": "As the customer says.", "test": "See the tests of this ticket."}.get(wants, "")
        yield SopStep(
            ticket=draft.ticket,
            template=template,
            position=position,
            title=step["title"],
            help=step["help"],
            wants=wants,
            mandatory=step["mandatory"],
            evidence=evidence if finished else "",
            done_at=min(draft.ticket.created_at + timedelta(minutes=20 + 4 * position), draft.until)
            if finished
            else None,
            done_by=draft.worker if finished else None,
        )


def mail(ticket: Ticket) -> TicketMail:
    """The customer's mail that opened the ticket."""
    return TicketMail(
        organisation=ticket.organisation,
        ticket=ticket,
        direction="in",
        message_id=f"<{ticket.idempotency_key}@customer.example>",
        sender=ticket.contact_email or "somebody@customer.example",
        recipient=f"faults@{ticket.organisation.slug}.example",
        subject=ticket.title,
        text=f"{ticket.description}\n\n{ticket.contact_name}",
        at=ticket.created_at,
    )


def finish(draft: Draft, at: datetime) -> None:
    """Have the domain's own rules say whose move it is and what is next."""
    if draft.partner is not None:
        settle_partner(draft.ticket, draft.partner, at=at)
    settle(draft.ticket, at=at)


def take_numbers(count: int) -> list[int]:
    """That many ticket numbers, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('ticketing_ticket', 'id')) FROM generate_series(1, %s)", [count]
        )
        return sorted(row[0] for row in cursor.fetchall())
