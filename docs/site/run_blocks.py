"""Run the code of the pages: ``python docs/site/run_blocks.py [FOLDER [PAGE ...]]``; the first that fails ends it.

Commands and Python run in FOLDER (a temporary one by default), page after page; a block of YAML whose first line is
``# name.yaml`` is written to that file. What a page exports stays for its later blocks, and so do its names in Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent))

from blocks import NOT_CODE, REASONS, Block, blocks, pages

from physics.reading import parse_yaml


def main() -> None:
    """Run all pages, or those that are named by the end of their path."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.environ["MPLBACKEND"] = "agg"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        chosen = sys.argv[2:]
        for page in pages():
            if not chosen or any(str(page).endswith(name) for name in chosen):
                run_page(page)


def run_page(page: Path) -> None:
    """All blocks of a page, one after the other."""
    begun, names, exported = perf_counter(), {}, Path(".exported")
    exported.write_text("", encoding="utf-8")
    count = 0
    for block in blocks(page):
        if block.reason or block.language in NOT_CODE:
            if block.reason and block.reason not in REASONS:
                raise SystemExit(
                    f"{block.place}: {block.reason!r} is no reason; see REASONS in blocks.py"
                )
            continue
        run(block, names, exported)
        count += 1
    exported.unlink()
    print(f"{page.name}: {count} blocks in {perf_counter() - begun:.0f} s", flush=True)


def run(block: Block, names: dict[str, object], exported: Path) -> None:
    """One block."""
    if block.language == "bash":
        script = f". ./{exported}\nset -eo pipefail\n{block.text}\nexport -p > {exported}\n"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(
                f"{block.place} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
    elif block.language == "python":
        exec(compile("\n" * block.line + block.text, block.place, "exec"), names)
    elif block.language == "yaml":
        first = block.text.splitlines()[0]
        if not (first.startswith("# ") and first.endswith((".yaml", ".yml"))):
            raise SystemExit(
                f"{block.place}: say in the first line which file this is, '# name.yaml'"
            )
        parse_yaml(block.text)
        Path(first[2:]).write_text(block.text, encoding="utf-8")
    else:
        raise SystemExit(
            f"{block.place}: nobody knows how to run {block.language or 'a block without a language'}"
        )


if __name__ == "__main__":
    main()
