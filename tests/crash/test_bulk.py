"""kill -9 during a bulk qualification: whoever goes on writes each row of the file exactly once."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from ofx.search.bulk import actions
from ofx.search.models import BulkRun
from tests.conftest import AT
from tests.crash.harness import ROOT
from tests.ofx.search.conftest import market

__all__ = ["market"]
pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]
ROWS = 800
KILLS = 3
# The worker's own function, in chunks small enough that a kill meets one under way.
WORKER = """
import django; django.setup()
from ofx.core.clock import now
from ofx.search.bulk import running
running.CHUNK, running.LEASE_SECONDS = 20, 1
running.run({pk}, now)
"""


def start(run: BulkRun, media: Path) -> "subprocess.Popen[bytes]":
    """A worker in a process of its own."""
    db = connection.settings_dict
    url = f"postgresql://{db['USER']}@/{db['NAME']}?host={db['HOST']}&port={db['PORT']}"
    env = {**os.environ, "DATABASE_URL": url, "OFX_MEDIA": str(media), "DJANGO_SETTINGS_MODULE": "ofx.settings"}
    command = [sys.executable, "-c", WORKER.format(pk=run.pk)]
    return subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)


def rows_done(run: BulkRun) -> int:
    run.refresh_from_db()
    return run.rows_done


def test_a_run_killed_again_and_again_has_each_row_once(market: Any, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    text = "ref,postcode\n" + "".join(f"{number},SW1A 1AA\n" for number in range(1, ROWS + 1))
    file = ContentFile(text.encode(), name="places.csv")
    run = actions.upload_places(actor=market.alice, file=file, name="places.csv", country="GB", at=AT)
    actions.start_run(actor=market.alice, run=run, mapping={"postcode": "postcode", "reference": "ref"}, at=AT)
    rng, killed = random.Random(7), 0
    until = time.monotonic() + 120
    while rows_done(run) < ROWS or run.state != "done":
        assert time.monotonic() < until, (run.state, run.rows_done)
        before = run.rows_done
        worker = start(run, tmp_path)
        if killed < KILLS:
            while rows_done(run) == before and worker.poll() is None:
                time.sleep(0.005)
            time.sleep(rng.uniform(0, 0.02))
            os.killpg(worker.pid, signal.SIGKILL)
            killed += 1
        worker.wait(60)
        time.sleep(1.1)  # the lease of the dead one ends
    lines = list(run.places.order_by("line").values_list("line", "reference"))
    assert lines == [(number, str(number)) for number in range(1, ROWS + 1)]
    assert run.attempt > KILLS
    assert (run.rows_orderable, run.rows_bad) == (ROWS, 0)
