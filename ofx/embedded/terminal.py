"""What the person at the terminal sees while something takes its time."""

import sys
import time
from collections.abc import Callable

PATIENCE = 2.0  # seconds before a wait is worth showing
LINE_EVERY = 5.0  # seconds between lines where there is no terminal to redraw


def say(text: str) -> None:
    """Print one line; a closed terminal is no reason to fall over."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        return


class Progress:
    """One step of the start: silent for two seconds, then its name and the seconds passed."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.started = time.monotonic()
        self.shown = 0.0
        self.drawn = False

    def tick(self) -> None:
        """Show the wait where it is worth it; call it as often as you like."""
        passed = time.monotonic() - self.started
        every = 1.0 if sys.stdout.isatty() else LINE_EVERY
        if passed < PATIENCE or passed - self.shown < every:
            return
        self.shown, self.drawn = passed, True
        text = f"  {self.label} … {passed:.0f} s"
        if sys.stdout.isatty():
            sys.stdout.write(f"\r{text}")
            sys.stdout.flush()
        else:
            say(text)

    def done(self) -> None:
        """Replace the wait by one finished line."""
        passed = time.monotonic() - self.started
        start = "\r" if self.drawn and sys.stdout.isatty() else ""
        say(f"{start}  {self.label}: {passed:.1f} s    ")


def wait(label: str, finished: Callable[[], bool], pause: float = 0.05) -> None:
    """Poll until `finished()`, showing progress."""
    progress = Progress(label)
    while not finished():
        progress.tick()
        time.sleep(pause)
    progress.done()
