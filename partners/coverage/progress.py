"""What a long command shows: a line that counts, at most once a second; silent for the first two seconds."""

import sys
import time
from typing import TextIO

PATIENCE = 2.0  # seconds


class Progress:
    """Counts towards a total (0: unknown). On a terminal the line is redrawn, elsewhere one comes every 5 s."""

    def __init__(self, label: str, total: int = 0, stream: TextIO | None = None) -> None:
        self.label, self.total, self.stream = label, total, stream or sys.stdout
        self.started = time.monotonic()
        self.done = 0
        self.shown = 0.0

    def add(self, count: int) -> None:
        """Count on, and show it where it is time to."""
        self.to(self.done + count)

    def to(self, done: int) -> None:
        """Set the count, and show it where it is time to."""
        self.done = done
        passed = time.monotonic() - self.started
        if passed < PATIENCE or passed - self.shown < (1.0 if self.stream.isatty() else 5.0):
            return
        self.shown = passed
        self._write(f"  {self.label} … {self._count()}")

    def finish(self, note: str = "") -> None:
        """Replace the line by one finished one."""
        passed = time.monotonic() - self.started
        text = note or (f"{self.done:,}" if self.done else "")
        self._write(f"  {self.label}: {text}{', ' if text else ''}{passed:.1f} s", last=True)

    def _count(self) -> str:
        share = f" of {self.total:,} ({100 * self.done // self.total} %)" if self.total else ""
        return f"{self.done:,}{share}"

    def _write(self, text: str, *, last: bool = False) -> None:
        tty = self.stream.isatty()
        self.stream.write(f"\r{text:<70}" if tty else text)
        if last or not tty:
            self.stream.write("\n")
        self.stream.flush()
