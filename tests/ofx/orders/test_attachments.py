"""Files on orders: what is taken, what is refused with words, and how they are served."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ofx.orders.models import Attachment, Order
from tests.ofx.orders.conftest import AT


def office(inner: str, *more: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (inner, *more):
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def attach(shop: Any, order: Order, name: str, content: bytes) -> str:
    upload = SimpleUploadedFile(name, content)
    answer = shop.client("alice").post(f"{order.get_absolute_url()}attach/", {"file": upload}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


GOOD = [
    ("plan.pdf", b"%PDF-1.7 x"), ("photo.png", b"\x89PNG\r\n\x1a\nx"), ("photo.JPG", b"\xff\xd8\xffx"),
    ("note.txt", "Größe".encode()), ("list.csv", b"a,b\n1,2\n"), ("sheet.xlsx", office("xl/workbook.xml")),
    ("letter.docx", office("word/document.xml")), ("mail.eml", b"From: a@example.com\n\nhello"),
]  # fmt: skip
BAD = [
    ("page.html", b"<html>"), ("logo.svg", b"<svg>"), ("run.exe", b"MZ\x90"), ("plan.pdf", b"<html>"),
    ("photo.png", b"MZ\x90"), ("note.txt", b"<!DOCTYPE html><script>"), ("note.txt", b"  <svg onload=x>"),
    ("note.txt", b"MZ\x00"), ("sheet.xlsx", b"PK\x03\x04broken"), ("sheet.xlsx", office("word/document.xml")),
    ("sheet.xlsx", office("xl/workbook.xml", "xl/vbaProject.bin")), ("noname", b"x"), ("empty.txt", b""),
    ("two.pdf.html", b"%PDF-1.7"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), GOOD)
def test_a_good_file_is_kept_and_served_as_a_download_only(
    shop: Any, order_for: Callable[..., Order], name: str, content: bytes
) -> None:
    order = order_for()
    attach(shop, order, name, content)
    row = Attachment.objects.get()
    answer = shop.client("alice").get(f"{order.get_absolute_url()}attachments/{row.pk}/")
    assert b"".join(answer.streaming_content) == content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for stranger in ("charlie", "olga", "cara"):
        assert shop.client(stranger).get(f"{order.get_absolute_url()}attachments/{row.pk}/").status_code == 404


@pytest.mark.parametrize(("name", "content"), BAD)
def test_a_hostile_or_wrong_file_is_refused_with_words(
    shop: Any, order_for: Callable[..., Order], name: str, content: bytes
) -> None:
    text = attach(shop, order_for(), name, content)
    assert not Attachment.objects.exists()
    assert any(words in text for words in ("not a type", "is not ", "empty"))


def test_a_file_that_is_too_large_is_refused(shop: Any, order_for: Callable[..., Order], settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024
    assert "at most 0 MB" in attach(shop, order_for(), "plan.pdf", b"%PDF-" + b"x" * 2000)


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "a\\b\\..\\c.txt", 'x"; evil.txt', "\u202etxt.exe.txt"])
def test_a_file_name_never_becomes_a_path_or_a_header(
    shop: Any, order_for: Callable[..., Order], name: str, tmp_path: Path
) -> None:
    from ofx.orders import actions

    upload = SimpleUploadedFile("plain.txt", b"hello")
    upload._name = name
    row = actions.add_attachment(actor=shop.alice, order=order_for(), upload=upload, at=AT)
    assert not {"/", "\\", '"', "\u202e"} & set(row.name)
    assert tmp_path in Path(row.file.path).parents
