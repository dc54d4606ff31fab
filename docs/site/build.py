"""Build the documentation site: ``python docs/site/build.py [FOLDER]`` (default ``build/site``).

Pages of ``docs/`` are copied to a folder beside the site, their markers ``<!-- made: NAME -->`` are replaced by what
the registries, the command line and the docstrings say now, and Sphinx makes the site of it; a warning fails the build.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCS, ROOT = HERE.parent, HERE.parents[1]
sys.path.insert(0, str(HERE))

from blocks import FENCE, REASONS  # noqa: E402
from commands import commands  # noqa: E402
from gallery import gallery  # noqa: E402
from publications import publications  # noqa: E402
from python_pages import physics_rooms, python  # noqa: E402
from registries import KINDS, OWN_PAGES, made  # noqa: E402

MARKER = re.compile(r"<!-- made: ([\w-]+) -->")
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)(?=[#)])")
# pages of the repository outside docs/, and where they are on the site
OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "deploy/README.md": "deployment.md",
    "benchmarks/README.md": "benchmarks.md",
}
MADE = {
    "commands": commands,
    "python": python,
    "physics": physics_rooms,
    "figures": gallery,
    "publications": publications,
}


def pages_of(source: Path) -> None:
    """Lay all pages together in a folder."""
    if source.exists():
        shutil.rmtree(source)
    shutil.copytree(
        DOCS,
        source,
        ignore=shutil.ignore_patterns("*.py", "__pycache__", "site", ".ipynb_checkpoints"),
    )
    shutil.copy(HERE / "conf.py", source)
    shutil.copytree(HERE / "_static", source / "_static")
    for name, there in OUTSIDE.items():
        if there != "index.md":
            shutil.copy(ROOT / name, source / there)
    origins = {there: ROOT / name for name, there in OUTSIDE.items() if there != "index.md"}
    for path in sorted(source.rglob("*.md")):
        name = path.relative_to(source).as_posix()
        text = path.read_text(encoding="utf-8")
        path.write_text(
            _links(text, path, origins.get(name, DOCS / name), source), encoding="utf-8"
        )
    for path in sorted(source.rglob("*.ipynb")):
        book = json.loads(path.read_text(encoding="utf-8"))
        for cell in book["cells"]:
            if cell["cell_type"] == "markdown":
                origin = DOCS / path.relative_to(source)
                cell["source"] = _links("".join(cell["source"]), path, origin, source)
        path.write_text(json.dumps(book), encoding="utf-8")
    _fill(source)


def _links(text: str, page: Path, origin: Path, source: Path) -> str:
    """Links of a page as they are on the site; files outside of the docs are taken along."""

    def there(match: re.Match[str]) -> str:
        target = (origin.parent / match[1]).resolve()
        if not target.is_relative_to(ROOT) or not target.exists():
            return match[1]  # Sphinx says that it is not there
        name = target.relative_to(ROOT).as_posix()
        if name in OUTSIDE:
            found = source / OUTSIDE[name]
        elif target.is_relative_to(DOCS):
            found = source / target.relative_to(DOCS)
        else:
            found = source / "files" / name.replace(".md", ".txt")
            if target.is_dir():
                raise SystemExit(
                    f"{origin.relative_to(ROOT)} links a folder, {name}; link a file in it"
                )
            found.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(target, found)
        return Path(os.path.relpath(found, page.parent)).as_posix()

    found, end = [], 0
    for block in FENCE.finditer(text):
        found += [LINK.sub(there, text[end : block.start()]), block[0], _note(block["info"])]
        end = block.end()
    return "".join([*found, LINK.sub(there, text[end:])])


def _note(info: str) -> str:
    """A line below a block that is not run, saying why."""
    reason = info.partition(" ")[2].strip()
    if reason not in REASONS or reason == "output":
        return ""
    return f'\n\n<p class="not-run">The tests do not run this: {REASONS[reason]}.</p>\n'


def _fill(source: Path) -> None:
    """Replace the markers; publications come last, when all that cite have been made."""
    marked = {}
    for path in source.rglob("*.md"):
        for name in MARKER.findall(path.read_text(encoding="utf-8")):
            marked[name] = path
    known = {*KINDS, *OWN_PAGES, *MADE}
    if unknown := set(marked) - known:
        raise SystemExit(f"pages have a marker that nobody knows: {sorted(unknown)}")
    index = source / "reference" / "index.md"
    for name in sorted(known - set(marked)):  # a list that is newer than the pages
        listed = index.read_text(encoding="utf-8").rstrip().removesuffix("```")
        index.write_text(f"{listed}list-of-{name}\n```\n", encoding="utf-8")
        marked[name] = source / "reference" / f"list-of-{name}.md"
        title = f"# List: {name.replace('_', ' ')}"
        marked[name].write_text(f"{title}\n\n<!-- made: {name} -->\n", encoding="utf-8")
    for name in sorted(marked, key=lambda name: (name == "publications", name)):
        text, below = MADE[name]() if name in MADE else made(name)
        path = marked[name]
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace(f"<!-- made: {name} -->", text), encoding="utf-8")
        for page, content in below.items():
            file = path.parent / f"{page}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content + "\n", encoding="utf-8")


def main() -> int:
    """Lay the pages together and call Sphinx."""
    from sphinx.cmd.build import main as sphinx

    site = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "site").resolve()
    source = site.with_name(f"{site.name}-pages")
    pages_of(source)
    return sphinx(["-q", "-W", "--keep-going", "-E", "-b", "html", str(source), str(site)])


if __name__ == "__main__":
    sys.exit(main())
