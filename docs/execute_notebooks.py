"""Execute every notebook of the documentation; a cell that raises fails the run.

Run it from the repository's root after ``dipolescan run quickstart``. With ``--write`` the outputs are kept.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# the command of this environment, whatever else is installed
os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

for path in sorted(Path(__file__).parent.glob("notebooks/*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    if "--write" in sys.argv:
        here = f"{Path.cwd()}/"  # where this clone lies is nobody's business
        path.write_text(nbformat.writes(notebook).replace(here, "") + "\n", encoding="utf-8")
    print(f"{path.name}: {sum(c.cell_type == 'code' for c in notebook.cells)} cells executed")
