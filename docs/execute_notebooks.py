"""Execute every notebook of the documentation; a cell that raises fails the run.

Run it from the repository's root after ``dipolescan run quickstart``. With ``--write`` the outputs are kept.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

for path in sorted(Path(__file__).parent.glob("notebooks/*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    if "--write" in sys.argv:
        nbformat.write(notebook, path)
    print(f"{path.name}: {sum(c.cell_type == 'code' for c in notebook.cells)} cells executed")
