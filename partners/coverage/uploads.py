"""Refuse an upload that is too large before it fills the disk, and still answer with a page."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest


class BoundedUpload(TemporaryFileUploadHandler):
    """Writes to a temporary file up to the limit; beyond it the file goes and the rest is read into nothing."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        """Know from the header that it will be too large, before anything is written."""
        self.too_large = content_length > settings.UPLOAD_MAX_BYTES + 65_536  # the form's other fields

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Stop at once where the header said it."""
        super().new_file(*args, **kwargs)
        self.written = 0
        if self.too_large:
            self.stop()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Count what comes: a header may lie."""
        self.written += len(raw_data)
        if self.written > settings.UPLOAD_MAX_BYTES:
            self.stop()
        super().receive_data_chunk(raw_data, start)

    def stop(self) -> None:
        """Mark the request, drop what was written; Django reads the rest of the body and throws it away."""
        if self.request is not None:
            self.request.META["ofx.upload_too_large"] = "1"
        self.file.close()
        raise StopUpload(connection_reset=False)


def bound(request: HttpRequest) -> None:
    """Use only the bounded handler for this request. Call it before anything reads request.POST."""
    request.upload_handlers = [BoundedUpload(request)]


def was_too_large(request: HttpRequest) -> bool:
    """Whether the upload of this request was cut off."""
    _ = request.POST  # reading it is what runs the handlers
    return request.META.get("ofx.upload_too_large") == "1"
