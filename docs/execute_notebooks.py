"""Execute the notebooks of the documentation, all or those that are named; a cell that raises or warns fails the run.

``python docs/execute_notebooks.py [NAME]... [--write]``, from the repository's root; with ``--write`` outputs are kept.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent / "notebooks"
# what changes from run to run is not kept
QUIET = {"record_timing": False, "coalesce_streams": True}


def execute(path: Path) -> nbformat.NotebookNode:
    """The notebook with what its cells print; raises if one of them warns or fails."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", **QUIET)
    client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise SystemExit(f"{path.name}: a cell writes to stderr: {output['text'][:400]}")
    return notebook


def main(words: list[str]) -> None:
    """Execute what is named, or all."""
    # the command of this environment, whatever else is installed
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    names = [word for word in words if word != "--write"]
    paths = [FOLDER / f"{name}.ipynb" for name in names] or sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        notebook = execute(path)
        if "--write" in words:
            here = f"{Path.cwd()}/"  # where this clone lies is nobody's business
            path.write_text(nbformat.writes(notebook).replace(here, "") + "\n", encoding="utf-8")
        print(f"{path.name}: {sum(c.cell_type == 'code' for c in notebook.cells)} cells executed")


if __name__ == "__main__":
    main(sys.argv[1:])
