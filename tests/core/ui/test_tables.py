"""THE table, through the kit page, which shows organisations."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from ofx.core.models import Organisation, SavedView
from ofx.core.ui.export import FORMULA_STARTS, cell
from ofx.core.ui.kit import KitTable
from tests.conftest import organisation


def customers(world, count, **fields):
    for number in range(count):
        organisation("customer", f"Shop {number:03}", provider=world.brightwave, slug=f"shop-{number}", **fields)


def names(response):
    return [row.obj.name for row in response.context["table"].rows]


def sheet(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_click_on_a_heading_sorts_and_a_second_click_turns_it_round(world):
    client = world.client("ada")
    up, down = client.get("/ui/?sort=name"), client.get("/ui/?sort=-name")
    assert names(up) == sorted(names(up), key=str)
    assert names(down) == names(up)[::-1]
    assert 'aria-sort="ascending"' in up.content.decode()
    assert "sort=-name" in up.content.decode()


@pytest.mark.parametrize("sort", ["password", "provider__memberships__user__password", "-", "account_number", "x;--"])
def test_sorting_by_anything_but_a_sortable_column_is_ignored(world, sort):
    assert names(world.client("ada").get("/ui/", {"sort": sort})) == names(world.client("ada").get("/ui/"))


def test_rows_without_a_value_stay_at_the_end_of_a_descending_sort(world):
    rows = world.client("ada").get("/ui/?sort=-provider").context["table"].rows
    assert rows[0].obj == world.harbour


def test_a_filter_narrows_the_list_and_reads_as_a_sentence(world):
    response = world.client("ada").get("/ui/?kind=customer&kind=operator&country=gb&q=o")
    assert names(response) == ["Harbour Books", "Northfibre"]
    assert [chip.text for chip in response.context["table"].chips] == ["“o”", "Customer or Operator", "in gb"]


def test_each_chip_takes_its_own_part_away_and_clear_takes_all_but_the_sort(world):
    table = world.client("ada").get("/ui/?kind=customer&country=GB&sort=name&page=3").context["table"]
    removed = {chip.text: chip.remove for chip in table.chips}
    assert removed["in GB"] == "?kind=customer&sort=name"
    assert table.clear_url == "/ui/?sort=name"


def test_a_filter_value_that_makes_no_sense_is_named_and_the_list_still_comes(world):
    response = world.client("ada").get("/ui/?kind=planet")
    assert response.status_code == 200
    assert "Some filters were left out" in response.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "٣", "1e3", ""])
def test_a_page_number_that_makes_no_sense_shows_a_page(world, page):
    assert world.client("ada").get("/ui/", {"page": page}).status_code == 200


@pytest.mark.parametrize("text", ["%", "\x00", "'; drop table core_user; --", "<script>", "x" * 5000, "\ud7ff"])
def test_a_hostile_search_text_is_only_text(world, text):
    response = world.client("ada").get("/ui/", {"q": text})
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


def test_fifty_rows_a_page_and_no_row_twice(world):
    customers(world, 120)
    client = world.client("ada")
    pages = [names(client.get(f"/ui/?sort=kind&page={page}")) for page in (1, 2, 3)]
    together = [name for page in pages for name in page]
    assert [len(page) for page in pages] == [50, 50, 25]
    assert len(set(together)) == 125


def test_past_the_end_the_page_says_so_and_leads_back(world):
    assert "past the end" in world.client("ada").get("/ui/?page=9").content.decode()


def test_the_count_stops_where_counting_gets_dear(world, monkeypatch):
    monkeypatch.setattr("ofx.core.ui.kit.KitTable.count_limit", 3)
    assert world.client("ada").get("/ui/").context["table"].count_words == "3+ organisations"


def test_an_empty_list_and_an_empty_filter_say_different_things(world):
    filtered = world.client("ada").get("/ui/?q=nobody-is-called-so").content.decode()
    assert "No organisations with this filter" in filtered
    assert "Clear the filter" in filtered
    plain = render_empty(world)
    assert "Nothing here yet" in plain
    assert "Clear the filter" not in plain


def render_empty(world):
    request = RequestFactory().get("/ui/")
    request.user = AnonymousUser()
    return render_to_string("core/table_rows.html", {"table": KitTable(request, Organisation.objects.none())})


def test_columns_can_be_chosen_and_the_choice_survives_a_sort(world):
    response = world.client("ada").get("/ui/?cols=name&cols=account_number")
    assert [column.key for column in response.context["table"].shown] == ["name", "account_number"]
    assert "cols=name&amp;cols=account_number&amp;sort=-name" in response.content.decode()


def test_columns_that_do_not_exist_leave_the_default_ones(world):
    shown = world.client("ada").get("/ui/?cols=password").context["table"].shown
    assert [column.key for column in shown] == ["name", "kind", "country", "provider", "created_at"]


def test_the_export_holds_every_row_of_the_filter_and_only_the_chosen_columns(world):
    customers(world, 120)
    response = world.client("ada").get("/ui/?export=csv&kind=customer&cols=name,provider")
    rows = sheet(response)
    assert response.headers["Content-Disposition"] == 'attachment; filename="organisations.csv"'
    assert rows[0] == ["Name", "Belongs to"]
    assert len(rows) == 1 + 121
    assert rows[1] == ["Harbour Books", "Brightwave Telecom"]


def test_an_export_never_holds_what_its_reader_may_not_see(world):
    assert "Harbour Books" not in str(sheet(world.client("charlie").get("/ui/?export=csv")))


def test_times_in_an_export_are_absolute_with_their_zone(world):
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    Organisation.objects.filter(pk=world.harbour.pk).update(created_at=moment)
    world.ada.time_zone = "America/New_York"
    world.ada.save()
    rows = sheet(world.client("ada").get("/ui/?export=csv&q=harbour&cols=created_at"))
    assert rows[1] == ["2026-07-01T08:00:00-04:00"]


def test_a_name_that_is_a_formula_is_disarmed_in_the_export(world):
    organisation("customer", '=HYPERLINK("http://evil.example")', slug="evil", provider=world.brightwave)
    rows = sheet(world.client("ada").get("/ui/?export=csv&q=hyperlink&cols=name"))
    assert rows[1] == ['\'=HYPERLINK("http://evil.example")']


@given(st.text(max_size=20))
def test_no_text_cell_starts_as_a_formula_unless_it_is_a_plain_number(text):
    written = str(cell(text))
    if written.startswith(FORMULA_STARTS):
        assert float(written) == float(text)


def test_numbers_stay_numbers_in_an_export():
    assert [cell(-5), cell(2.5), cell("-5"), cell("-5+1"), cell("+44 20 7946"), cell(None)] == [
        -5,
        2.5,
        "-5",
        "'-5+1",
        "'+44 20 7946",
        "",
    ]


def test_htmx_gets_the_rows_alone_and_a_clean_address(world):
    client = world.client("ada")
    response = client.get("/ui/?q=harbour&country=", headers={"HX-Request": "true", "HX-Target": "rows"})
    html = response.content.decode()
    assert html.lstrip().startswith('<div id="rows"')
    assert "<html" not in html
    assert response.headers["HX-Push-Url"] == "/ui/?q=harbour"
    assert "HX-Request" in response.headers["Vary"]


def test_going_back_in_the_browser_gets_the_whole_page(world):
    headers = {"HX-Request": "true", "HX-Target": "rows", "HX-History-Restore-Request": "true"}
    assert "<html" in world.client("ada").get("/ui/", headers=headers).content.decode()


def test_ten_rows_and_two_hundred_rows_take_as_many_queries(world):
    client = world.client("ada")
    customers(world, 5)
    client.get("/ui/")
    with CaptureQueriesContext(connection) as few:
        assert len(names(client.get("/ui/"))) == 10
    customers_more = [
        Organisation(kind="customer", name=f"More {n}", slug=f"more-{n}", provider=world.brightwave) for n in range(190)
    ]
    Organisation.objects.bulk_create(customers_more)
    with CaptureQueriesContext(connection) as many:
        assert len(names(client.get("/ui/"))) == 50
    assert len(few) == len(many)


def test_a_saved_view_is_kept_opened_and_undone(world):
    client = world.client("alice")
    saved = client.post("/accounts/views/", {"path": "/ui/", "name": "Ours", "query": "kind=customer"}, follow=True)
    assert saved.redirect_chain[-1][0] == "/ui/?kind=customer"
    assert names(saved) == ["Harbour Books"]
    view = SavedView.objects.get()
    assert f'action="/accounts/views/{view.pk}/delete/"' in saved.content.decode()
    client.post(f"/accounts/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_saved_view_is_its_owners_alone(world):
    world.client("alice").post("/accounts/views/", {"path": "/ui/", "name": "Ours", "query": "kind=customer"})
    view = SavedView.objects.get()
    for name in ("bob", "charlie", "cara", "ada"):
        assert world.client(name).post(f"/accounts/views/{view.pk}/delete/").status_code == 404
    assert not world.client("bob").get("/ui/").context["table"].saved_views
    assert SavedView.objects.exists()


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "ui", ""])
def test_a_saved_view_never_leads_away_from_this_site(world, path):
    client = world.client("alice")
    response = client.post("/accounts/views/", {"path": path, "name": "x", "query": ""})
    assert response.headers["Location"] == "/"
    assert not SavedView.objects.exists()
