"""Pages of the docs: what they link is there, and what a command writes into them has been written."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / "deploy").glob("*.md"),
    *(ROOT / "benchmarks").glob("*.md"),
]


def anchor(heading):
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links(page):
    """Files, figures and headings within the repository."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        if heading:
            known = [anchor(h) for h in re.findall(r"^#+ (.*)$", path.read_text(), flags=re.M)]
            assert heading in known, (target, known)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_computed_tables(page):
    """Blocks between markers, which docs/update_reproduction.py writes, are not empty."""
    for name, block in re.findall(r"<!-- (\w+) -->\n(.*?)<!-- /\1 -->", page.read_text(), re.S):
        if name == "provenance":
            assert block.startswith("Made with dipolescan ")
        else:
            fewest = 1 if name == "history" else 3  # a release may have few measures
            assert block.count("\n|") > fewest, f"{name} of {page.name} is empty"


CODE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.(?:py|yaml))(?:::\w+)?`")
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_that_pages_name_are_there(page):
    """``forward/counts.py`` in a page is the end of the path of a file; files of users are named in examples only."""
    named = set(CODE.findall(page.read_text(encoding="utf-8")))
    there = {path for path in TRACKED if path.endswith((".py", ".yaml"))}
    lost = {n for n in named if "/" in n and not any(f"/{p}".endswith(f"/{n}") for p in there)}
    assert lost == set()
