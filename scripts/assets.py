"""Copy the front-end files that the pages use from node_modules into static/vendor. Standard library only.

Run by `make assets` after `npm ci`. The folder is built beside and renamed into place, so that a running
site never sees half of it.
"""

import gzip
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
ICONS = ROOT / "static" / "icons.txt"

# Source below node_modules → target below static/vendor; a target that ends in "/" is a folder.
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/",
    "@tabler/core/dist/js/tabler.min.js": "tabler/",
    "@tabler/core/dist/css/tabler-vendors.min.css": "tabler/",
    "@alpinejs/csp/dist/cdn.min.js": "alpine/alpine-csp.min.js",
    "uplot/dist/uPlot.iife.min.js": "uplot/",
    "uplot/dist/uPlot.min.css": "uplot/",
    "leaflet/dist/leaflet.js": "leaflet/",
    "leaflet/dist/leaflet.css": "leaflet/",
    "leaflet/dist/images/*": "leaflet/images/",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/files/",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter/files/",
    "axe-core/axe.min.js": "axe/",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select/",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select/",
    "world-atlas/countries-50m.json": "world/",
    "world-atlas/countries-110m.json": "world/",
    "topojson-client/dist/topojson-client.min.js": "world/",
}
SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")

# The empty square that Tabler draws behind every icon.
FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


def copy(source: Path, target: Path) -> None:
    """Copy one file; scripts and styles lose the pointer to a source map that we do not ship."""
    target.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    if source.suffix in {".js", ".css"}:
        content = SOURCE_MAP.sub(b"\n", content)
    target.write_bytes(content)


def copy_all(into: Path) -> None:
    """Copy every entry of FILES. Raises FileNotFoundError where a package lacks a file we name."""
    for pattern, target in FILES.items():
        found = sorted(MODULES.glob(pattern))
        if not found:
            raise FileNotFoundError(f"node_modules/{pattern} is missing: run `npm ci`")
        for source in found:
            copy(source, into / target / source.name if target.endswith("/") else into / target)


def inter_css(into: Path) -> None:
    """Keep the latin and latin-ext faces of Inter only: the rest is never asked for by our pages."""
    css = (MODULES / "@fontsource-variable/inter/index.css").read_text()
    faces = re.findall(r"/\* (\S+) \*/\s*(@font-face \{.*?\n\})", css, re.DOTALL)
    wanted = [face for name, face in faces if re.fullmatch(r"inter-latin(-ext)?-wght-normal", name)]
    if len(wanted) != 2:
        raise ValueError("the Inter package changed its CSS: expected the latin and latin-ext faces")
    (into / "inter" / "inter.css").write_text("\n".join(wanted) + "\n")


def symbol(name: str) -> str:
    """One Tabler outline icon as an SVG <symbol id="NAME">; stroke follows the text colour."""
    file = MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"
    if not file.exists():
        raise FileNotFoundError(f"static/icons.txt names {name!r}, which Tabler Icons does not have")
    body = re.search(r"<svg[^>]*>(.*)</svg>", file.read_text(), re.DOTALL)
    if body is None:
        raise ValueError(f"{file} holds no <svg>")
    drawing = FRAME.sub("", re.sub(r"\s+", " ", body.group(1)))
    pen = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {pen}>{drawing.strip()}</symbol>'


def sprite(into: Path) -> int:
    """Write icons/sprite.svg from static/icons.txt and return how many icons it holds."""
    names = [line.strip() for line in ICONS.read_text().splitlines() if line.strip()]
    folder = into / "icons"
    folder.mkdir(parents=True, exist_ok=True)
    symbols = "\n".join(symbol(name) for name in sorted(set(names)))
    (folder / "sprite.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n')
    return len(set(names))


def compress(folder: Path) -> None:
    """Put a .gz beside every text file: the web server sends it to browsers that take it."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".js", ".css", ".svg", ".json"}:
            packed = gzip.compress(file.read_bytes(), mtime=0)
            file.with_name(file.name + ".gz").write_bytes(packed)


def main() -> None:
    """Build static/vendor and put it into place."""
    draft, old = VENDOR.with_name("vendor.new"), VENDOR.with_name("vendor.old")
    for folder in (draft, old):
        shutil.rmtree(folder, ignore_errors=True)
    draft.mkdir(parents=True)
    copy_all(draft)
    inter_css(draft)
    icons = sprite(draft)
    compress(draft)
    # The web server warns at every start where the folder for collected files is missing.
    (ROOT / "staticfiles").mkdir(exist_ok=True)
    if VENDOR.exists():
        VENDOR.rename(old)
    draft.rename(VENDOR)
    shutil.rmtree(old, ignore_errors=True)
    sys.stdout.write(f"static/vendor: {len(FILES)} third-party files, {icons} icons\n")


if __name__ == "__main__":
    main()
