"""A Chromium for the browser tests: the machine's, else one unpacked from a package.

`python -m ofx.embedded.browser` prints its path; with `--unpack FOLDER` it makes one from the files of
`@sparticuz/chromium` (scripts/browser.sh fetches them).
"""

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import brotli

from ofx.embedded import paths

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACKED = paths.CHECKOUT / ".ofx" / "browser" / "chromium"
# Its shared libraries for machines that lack them, and its software graphics.
ARCHIVES = ("al2023.tar.br", "swiftshader.tar.br", "fonts.tar.br")
WRAPPER = """#!/bin/sh
here={here}
LD_LIBRARY_PATH="${{LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}}$here/lib" exec "$here/chromium.bin" "$@"
"""


class BrowserMissing(RuntimeError):
    """No Chromium on this machine; the text holds the one command that helps."""


def find() -> Path:
    """The Chromium to drive: OFX_CHROMIUM, the system's, or the unpacked one. Raises BrowserMissing."""
    chosen = os.environ.get("OFX_CHROMIUM", "").strip()
    if chosen:
        return Path(chosen)
    for name in NAMES:
        if (found := shutil.which(name)) and _starts(found):
            return Path(found)
    if UNPACKED.exists():
        return UNPACKED
    raise BrowserMissing("The browser tests need a Chromium. Run `make browser`, or set OFX_CHROMIUM to one.")


def _starts(program: str) -> bool:
    """Whether it runs at all: some systems ship a stub that only says what to install."""
    try:
        version = subprocess.run([program, "--version"], capture_output=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return version.returncode == 0


def unpack(package: Path) -> Path:
    """Make UNPACKED from the package's `bin` folder and return it. The wrapper appears last."""
    folder = UNPACKED.parent
    (folder / "lib").mkdir(parents=True, exist_ok=True)
    binary = folder / "chromium.bin"
    binary.write_bytes(brotli.decompress((package / "bin" / "chromium.br").read_bytes()))
    binary.chmod(0o755)
    for name in ARCHIVES:
        with tarfile.open(fileobj=io.BytesIO(brotli.decompress((package / "bin" / name).read_bytes()))) as tar:
            tar.extractall(folder, filter="data")
    for library in [*folder.glob("*.so*"), *folder.glob("vk_swiftshader*")]:
        if library.suffix != ".json":
            os.replace(library, folder / "lib" / library.name)
    UNPACKED.write_text(WRAPPER.format(here=folder))
    UNPACKED.chmod(0o755)
    return UNPACKED


def main() -> int:
    """Print the path, or the command that helps. Returns the exit code."""
    if len(sys.argv) == 3 and sys.argv[1] == "--unpack":
        unpack(Path(sys.argv[2]))
    try:
        sys.stdout.write(f"Chromium: {find()}\n")
    except BrowserMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
