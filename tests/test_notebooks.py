"""Notebooks of the documentation, as they are stored; CI executes them (docs/execute_notebooks.py)."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest
from test_pages import anchor

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ALLOWED = {"dipolescan", "matplotlib", "numpy", "xarray"} | set(sys.stdlib_module_names)
LAST = "## What to read next"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def code(cells):
    return [cell for cell in cells if cell["cell_type"] == "code"]


def printed(cell):
    """What a cell shows as text."""
    for output in cell["outputs"]:
        yield "".join(output.get("text", ""))
        yield from ("".join(v) for k, v in output.get("data", {}).items() if k.startswith("text/"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 7


def test_one_door(cells):
    """Users see what a user would write: nothing of the packages behind ``dipolescan``."""
    lines = [line for cell in code(cells) for line in "".join(cell["source"]).splitlines()]
    imports = "\n".join(line for line in lines if re.match(r"\s*(import|from)\s", line))
    for node in ast.walk(ast.parse(imports)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= ALLOWED


def test_outputs_are_stored_and_clean(cells):
    """Every cell was executed, in order; none raised or warned, and where it ran is nobody's business."""
    counts = [cell["execution_count"] for cell in code(cells)]
    assert counts == list(range(1, len(counts) + 1))
    for cell in code(cells):
        kinds = {(o["output_type"], o.get("name", "")) for o in cell["outputs"]}
        assert not kinds & {("error", ""), ("stream", "stderr")}
        for text in printed(cell):
            assert not re.search(r"Warning\b|/tmp/|/root/|/home/", text), text[:500]
    assert any("image/png" in o.get("data", {}) for c in code(cells) for o in c["outputs"])


def test_it_ends_with_what_to_read_next(cells):
    assert "".join(cells[0]["source"]).startswith("# ")
    last = "".join(cells[-1]["source"])
    assert last.startswith(LAST)
    assert len(re.findall(r"\]\(", last)) > 1


def test_links(cells):
    """Pages, their headings, and other notebooks are there."""
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, heading = target.partition("#")
        assert (FOLDER / name).exists(), target
        if heading:
            page = (FOLDER / name).read_text(encoding="utf-8")
            assert heading in map(anchor, re.findall(r"^#+ (.*)$", page, flags=re.M)), target
