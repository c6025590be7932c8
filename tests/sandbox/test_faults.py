from pathlib import Path

import pytest
import requests

from sandbox.process import Running
from tests.sandbox.conftest import order_body, place, until, wait_for


def _post(running: Running, partner: str, key: str, scenario: str, timeout: float = 5) -> requests.Response:
    body = order_body(key, scenario)
    return running.api(partner, "POST", "/productOrder", json=body, timeout=timeout)


def test_the_first_two_requests_get_503_and_leave_nothing_then_it_works(running: Running) -> None:
    answers = [_post(running, "northfibre", "errors", "error_5xx") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 201]
    assert answers[0].headers["Retry-After"] == "1"
    assert len(running.orders("northfibre", external_id="errors")) == 1
    assert len(running.journal("northfibre", external_id="errors", method="POST")) == 3


def test_a_late_answer_hides_an_order_that_can_be_found_by_our_key(running: Running) -> None:
    with pytest.raises(requests.Timeout):
        _post(running, "northfibre", "late", "timeout_after_commit", timeout=0.4)
    found = running.api("northfibre", "GET", "/productOrder", params={"externalId": "late"}).json()
    assert len(found) == 1
    until(running, "northfibre", found[0]["id"], "completed")


def test_a_late_answer_does_come_in_the_end(running: Running) -> None:
    running.control("faults", {"partner": "northfibre", "hold_seconds": 0.2})
    assert _post(running, "northfibre", "late-but", "timeout_after_commit").status_code == 201
    running.control("faults", {"partner": "northfibre"})


def test_a_reset_connection_hides_an_order_that_can_be_found_by_our_key(running: Running) -> None:
    with pytest.raises(requests.ConnectionError):
        _post(running, "eastwave", "reset", "reset_after_commit")
    assert len(running.orders("eastwave", external_id="reset")) == 1


def test_a_web_page_with_200_hides_an_order_that_can_be_found_by_our_key(running: Running) -> None:
    answer = _post(running, "southlink", "page", "html_200")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert len(running.orders("southlink", external_id="page")) == 1


def test_chances_of_faults_befall_requests_and_the_journal_counts_them(running: Running) -> None:
    running.control("faults", {"partner": "eastwave", "error_5xx": 0.5, "html_200": 0.3})
    answers = [_post(running, "eastwave", f"chance-{number}", "silence") for number in range(20)]
    running.control("faults", {"partner": "eastwave"})
    refused = [a for a in answers if a.status_code == 503]
    pages = [a for a in answers if a.status_code == 200]
    assert 3 <= len(refused) <= 17
    assert pages
    held = [o for o in running.orders("eastwave") if o["externalId"].startswith("chance-")]
    assert len(held) == 20 - len(refused)
    told = [e for e in running.journal("eastwave") if e["external_id"].startswith("chance-")]
    assert [e["outcome"] for e in told].count("error_5xx") == len(refused)


def test_a_partner_that_is_down_refuses_all_and_comes_back(running: Running) -> None:
    running.control("down", {"partner": "eastwave", "seconds": 30})
    assert _post(running, "eastwave", "down", "silence").status_code == 503
    assert running.api("eastwave", "GET", "/productOrder").status_code == 503
    assert _post(running, "northfibre", "others-are-up", "silence").status_code == 201
    running.control("down", {"partner": "eastwave", "seconds": 30, "mode": "reset"})
    with pytest.raises(requests.ConnectionError):
        _post(running, "eastwave", "down", "silence")
    running.control("down", {"partner": "eastwave", "seconds": 0})
    assert running.orders("eastwave", external_id="down") == []
    assert _post(running, "eastwave", "down", "silence").status_code == 201


@pytest.mark.parametrize(
    ("name", "body", "named"),
    [
        ("faults", {"error_5xx": 2}, "error_5xx"),
        ("faults", {"error_5xx": "often"}, "error_5xx"),
        ("faults", {"earthquake": 0.1}, "earthquake"),
        ("faults", {"partner": "nobody"}, "partner"),
        ("weights", {"weights": {"party": 1}}, "party"),
        ("clock", {"factor": 0}, "factor"),
        ("down", {"seconds": -1}, "seconds"),
        ("down", {"seconds": 1, "mode": "fire"}, "mode"),
    ],
)
def test_a_control_that_makes_no_sense_gets_400(
    running: Running, name: str, body: dict[str, object], named: str
) -> None:
    with pytest.raises(requests.HTTPError) as refused:
        running.control(name, body)
    assert refused.value.response.status_code == 400
    assert named in refused.value.response.json()["message"]


def test_after_sigkill_nothing_acknowledged_is_lost_and_the_timers_go_on(tmp_path: Path) -> None:
    with Running(tmp_path, day_seconds=0.15) as running:
        running.control("faults", {"partner": "southlink", "error_5xx": 0.0, "hold_seconds": 3})
        orders = [place(running, "northfibre", f"kept-{number}", "delay") for number in range(5)]
        running.kill()
        running.start()
        assert [o["externalId"] for o in running.orders("northfibre")] == [f"kept-{n}" for n in range(5)]
        assert all(o["state"] != "completed" for o in running.orders("northfibre"))
        for order in orders:
            until(running, "northfibre", order["id"], "completed")
        kept = running.http.get(
            running.url + "/_control", headers={"Authorization": f"Bearer {running.config.admin_token}"}
        ).json()
        assert kept["partners"]["southlink"]["faults"]["hold_seconds"] == 3


def test_a_faster_clock_also_hurries_what_is_under_way(tmp_path: Path) -> None:
    with Running(tmp_path, day_seconds=60) as running:
        order = place(running, "northfibre", "hurry", "clean")
        state = running.control("clock", {"factor": 1500})
        assert state["partners"]["northfibre"]["clock"]["day_seconds"] == pytest.approx(0.04)
        until(running, "northfibre", order["id"], "completed")
        wait_for(lambda: running.orders("northfibre")[0]["state"] == "completed")
