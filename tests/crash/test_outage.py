"""kill -9 in the middle of an outage's jobs: nobody is told twice, nobody is missed, whoever goes on finishes.

Small in the suite; `make crash` runs it with 100,000 children (200 for each of CRASH_ORDERS), and prints what each
kind of job took, the pauses of the killed workers included, and the most memory that a worker had.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from ofx.core.models import Mail, Membership, Organisation, User
from ofx.orders.models import Order, OrderItem, ServiceRecord
from tests.conftest import AT, agreement, offering
from tests.crash.harness import ROOT
from ticketing.outages import actions
from ticketing.outages.models import Outage, OutageChild, OutageJob, OutageReceipt
from ticketing.tickets.models import Ticket, TicketNote

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]
A_CUSTOMER = 10  # services of one customer, whose one person is told once
A_CALL = 50  # services for each of which one has called before
# The worker's own function, in chunks small enough that a kill meets one under way.
WORKER = """
import time
import django; django.setup()
from ofx.core.clock import now
from ticketing.outages import running
from ticketing.outages.models import OutageJob
running.CHUNK_ROWS = running.FIRST_ROWS = {chunk}
running.LEASE_SECONDS = 1
while OutageJob.objects.exclude(state="done").exists():
    for pk in OutageJob.objects.exclude(state="done").values_list("pk", flat=True):
        running.run(pk, now)
    time.sleep(0.05)
# The most memory it ever had, in KB; getrusage would count what the test's own process had when it forked.
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def lay(world: SimpleNamespace, number: int) -> None:
    """So many live services in one sector, ten a customer."""
    product, tenant = offering(world.northfibre), world.brightwave
    agreement(tenant, world.northfibre)
    customers = Organisation.objects.bulk_create(
        Organisation(kind="customer", name=f"Customer {n}", slug=f"many-{n}", provider=tenant)
        for n in range(number // A_CUSTOMER)
    )
    people = User.objects.bulk_create(User(email=f"many{n}@example.com") for n in range(len(customers)))
    Membership.objects.bulk_create(
        Membership(user=who, organisation=one, role="user") for who, one in zip(people, customers, strict=True)
    )
    orders = Order.objects.bulk_create(
        Order(organisation=tenant, customer=customers[n // A_CUSTOMER], reference=f"OFX-8{n:06d}", created_at=AT)
        for n in range(number)
    )
    items = OrderItem.objects.bulk_create(OrderItem(order=order, position=1, offering=product) for order in orders)
    services = ServiceRecord.objects.bulk_create(
        ServiceRecord(
            organisation=tenant, customer_id=order.customer_id, reference=f"SVC-8{order.pk:06d}", item=item,
            operator=world.northfibre, offering=product, place_text="Example Street", postcode="SW1A1AA",
            active_from=AT - timedelta(days=99),
        )
        for order, item in zip(orders, items, strict=True)
    )  # fmt: skip
    Ticket.objects.bulk_create(
        Ticket(
            organisation=tenant, customer_id=service.customer_id, service=None if n % 2 else service,
            operator=world.northfibre, reference=f"TT-8{n:06d}", title="No internet", postcode="SW1A1AA",
            created_at=AT - timedelta(minutes=5),
        )
        for n, service in enumerate(services[::A_CALL])
    )  # fmt: skip


def start(chunk: int) -> "subprocess.Popen[bytes]":
    """A worker in a process of its own, which works whatever job it finds."""
    db = connection.settings_dict
    url = f"postgresql://{db['USER']}@/{db['NAME']}?host={db['HOST']}&port={db['PORT']}"
    env = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ofx.settings", "OFX_LOG_LEVEL": "ERROR"}
    env["BROKER_URL"] = "redis://127.0.0.1:9/0"  # nobody hears: rows alone must do
    command = [sys.executable, "-c", WORKER.format(chunk=chunk)]
    return subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, stdout=subprocess.PIPE)


def work_all(outage: Outage, chunk: int, kills: int, rng: random.Random) -> float:
    """Run every job that waits; each of the first workers dies in the middle. Returns the last one's memory in MB."""
    for _ in range(kills):
        before, worker = _done(outage), start(chunk)
        few = chunk * rng.randrange(1, 6)
        while _done(outage) < before + few and worker.poll() is None:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.05))
        assert worker.poll() is None, "it ended before it was killed: nothing was proved"
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)
    worker = start(chunk)
    said, _ = worker.communicate(timeout=1800)
    assert worker.returncode == 0
    return int(said) / 1024


def _done(outage: Outage) -> int:
    return sum(OutageJob.objects.filter(outage=outage).values_list("done", flat=True))


def told_once(outage: Outage, number: int) -> None:
    """By receipts, mails and notes: each child once an update in the portal, each person one mail, each ticket one."""
    places = OutageChild.objects.filter(outage=outage, service=None).count()
    assert places == number // A_CALL // 2
    for update in outage.updates.all():
        receipts = OutageReceipt.objects.filter(update=update)
        assert receipts.filter(channel="portal").values("recipient").distinct().count() == number + places
        assert receipts.filter(channel="portal").count() == number + places
        mails = list(receipts.filter(channel="mail").values_list("mail_number", flat=True))
        assert len(mails) == len(set(mails)) == number // A_CUSTOMER
        noted = TicketNote.objects.filter(dedupe_key=f"outage-update:{update.pk}")
        assert noted.count() == noted.values("ticket").distinct().count() == number // A_CALL
    counted = Counter(Mail.objects.values_list("to", "subject", "text"))
    assert set(counted.values()) == {1}
    assert len(counted) == number // A_CUSTOMER * outage.updates.count()


def timed(slowest: list[float], act: Callable[..., Any], **values: Any) -> Any:
    """What a person's request takes: it only writes down what the worker is to do."""
    begun = time.monotonic()
    done = act(**values)
    slowest.append(time.monotonic() - begun)
    return done


def figures(outage: Outage) -> str:
    """What each job took, in order."""
    took = [
        f"{job.kind} {(job.ended_at - job.started_at).total_seconds():.1f} s ({job.done:,} rows, {job.attempt} tries)"
        for job in outage.jobs.order_by("pk")
        if job.ended_at and job.started_at
    ]
    return ", ".join(took)


def test_every_child_is_told_exactly_once_whatever_dies(world: SimpleNamespace, pytestconfig: Any) -> None:
    asked = pytestconfig.getoption("--crash-orders")
    number, kills = (200 * asked, 6) if asked > 30 else (40 * asked, 1)
    chunk, rng = max(100, number // 100), random.Random(4)
    requests: list[float] = []
    lay(world, number)
    whole = number + number // A_CALL // 2  # tickets about a place are children, too
    outage = timed(
        requests, actions.declare, actor=world.alice, at=AT, organisation=world.brightwave, title="No internet",
        keys=[("sector", "SW1A1")], operator=world.northfibre,
    )  # fmt: skip
    memory = [work_all(outage, chunk, kills, rng)]
    assert OutageChild.objects.filter(outage=outage, state="informed").count() == whole
    assert OutageChild.objects.filter(outage=outage, ticket__state="held").count() == number // A_CALL
    told_once(outage, number)

    over = AT + timedelta(hours=1)
    timed(requests, actions.update, outage=outage, actor=world.alice, at=over, public_text="A cable is being mended.")
    timed(requests, actions.clear, outage=outage, actor=world.alice, at=over)
    memory.append(work_all(outage, chunk, kills, rng))
    outage.refresh_from_db()
    assert outage.state == "cleared"
    assert OutageChild.objects.filter(outage=outage, state="ok", ended_at=over).count() == whole
    assert Ticket.objects.filter(state="resolved").count() == number // A_CALL
    told_once(outage, number)

    timed(requests, actions.reopen, outage=outage, actor=world.alice, at=over + timedelta(hours=1), why="down again")
    memory.append(work_all(outage, chunk, kills if asked > 30 else 0, rng))
    assert OutageChild.objects.filter(outage=outage, state="informed", ended_at=None).count() == whole
    told_once(outage, number)
    print(f"{number:,} services, {whole - number:,} tickets about places, {kills} kills each: {figures(outage)}")
    print(f"a person's request took at most {max(requests):.2f} s, a worker had at most {max(memory):.0f} MB")
    assert max(memory) < 400
