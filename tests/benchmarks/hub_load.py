"""`python -m tests.benchmarks.hub_load SIZE PARTNERS`: queue creates, print their bodies; `drain`: ring, wait, time."""

import json
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from ofx.core.celery_wake import wake  # noqa: E402
from ofx.core.models import Organisation  # noqa: E402
from partners.mapping.dialects import mapping_for  # noqa: E402
from partners.models import Conversation, Endpoint, Leg, Message, Operator  # noqa: E402
from tests.conftest import operator, organisation  # noqa: E402
from tests.partners.conversations.conftest import make_endpoint, order  # noqa: E402

DELIVER = "partners.conversations.tasks.deliver"
READY_SECONDS, LONGEST_SECONDS = 60, 600


def fill(size: int, given: dict[str, list[str]]) -> None:
    """Queue `size` creates, spread over the partners; each its own case."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE partners_message, partners_leg, partners_conversation, core_event CASCADE")
    provider = Organisation.objects.filter(slug="bench").first() or organisation("service_provider", "Bench")
    endpoints = [_endpoint(name, *place) for name, place in given.items()]
    at = timezone.now()
    for number in range(size):
        key, endpoint = f"bench-{at:%H%M%S}-{number}", endpoints[number % len(endpoints)]
        case = Conversation.objects.create(organisation=provider, subject=f"order:{number}", created_at=at)
        leg = Leg.objects.create(
            conversation=case, endpoint=endpoint, subject=f"partner_order:{number}", our_key=key, simulated=True
        )
        made = order(key, scenario="clean", simulated=True)
        Message.objects.create(
            organisation=provider, endpoint=endpoint, leg=leg, direction="out", state="queued", verb="create",
            canonical=made.as_json(), created_at=at, next_attempt_at=at,
        )  # fmt: skip
        wire = mapping_for(endpoint.dialect, endpoint.kind).outbound("create", made)
        sys.stdout.write(json.dumps(wire) + "\n")


def _endpoint(name: str, url: str, token: str) -> Endpoint:
    op = Operator.objects.filter(code=name).first() or operator(name)
    Endpoint.objects.filter(operator=op).delete()
    return make_endpoint(
        op, url, name=name, dialect=name, token=token, timeout_seconds=20, simulated=True, hub_id="none",
        inbound_key=f"bench-{name}-0123456789",
    )  # fmt: skip


def drain() -> float:
    """Ring for every endpoint once the worker answers, until nothing is queued; the seconds from the first ring."""
    from ofx.celery import app

    until = time.monotonic() + READY_SECONDS
    while not app.control.ping(timeout=0.5):
        assert time.monotonic() < until, "no worker"
    started = time.monotonic()
    while Message.objects.filter(direction="out", state="queued").exists():
        for pk in Endpoint.objects.values_list("pk", flat=True):
            wake(DELIVER, pk)
        assert time.monotonic() - started < LONGEST_SECONDS, "the queue does not empty"
        time.sleep(0.25)
    taken = time.monotonic() - started
    states = set(Message.objects.filter(direction="out").values_list("state", flat=True))
    assert states <= {"delivered", "partial"}, states
    return taken


if __name__ == "__main__":
    if sys.argv[1] == "drain":
        print(drain())
    else:
        fill(int(sys.argv[1]), json.loads(sys.argv[2]))
