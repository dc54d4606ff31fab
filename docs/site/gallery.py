"""Pages of the papers: each figure with the command that makes it, and the quoted numbers beside ours."""

from __future__ import annotations

import re
from pathlib import Path

from further_pictures import COMMANDS, ELSEWHERE, SAYS
from text import escaped, fenced, table, toctree, with_source

from scanner.outputs.reproduce.base import figures
from scanner.outputs.reproduce.papers import chosen

DOCS = Path(__file__).parents[1]
MARKED = re.compile(r"<!-- (\w+) -->\n(.*?)<!-- /\1 -->", re.S)
PICTURE = re.compile(r"(?P<paper>\d{4}\.\d{4,5})-(?P<name>\w+?)(?P<variant>-[\w-]+)?\.(png|svg)")


def gallery() -> tuple[str, dict[str, str]]:
    """One page for each paper, and pictures that are of no paper."""
    pages, rows = {}, []
    tags = chosen("all", figures)
    shown = pictures()
    for paper in dict.fromkeys(tag.partition(":")[0] for tag in tags):
        of_paper = [tag for tag in tags if tag.startswith(f"{paper}:")]
        drawn = sum(tag in shown for tag in of_paper)
        pages[f"gallery/{paper}"] = _paper(paper, of_paper, shown)
        rows.append([f"[arXiv:{paper}](gallery/{paper}.md)", str(len(of_paper)), str(drawn)])
    parts = [table(["paper", "figures and tables", "pictures here"], rows)]
    others = [path for path in sorted((DOCS / "figures").iterdir()) if is_other(path)]
    if others:
        parts.append("## Further pictures")
    for path in others:
        parts.append(f"![{escaped(path.stem)}](../figures/{path.name})")
        if path.name in COMMANDS:
            parts += [SAYS[path.name], fenced(COMMANDS[path.name], "bash")]
        else:
            said, command, page = ELSEWHERE[path.name]
            parts += [f"{said} [How to read it](../{page}).", fenced(command, "bash")]
    return "\n\n".join([*parts, toctree(pages)]), pages


def pictures() -> dict[str, list[Path]]:
    """Pictures of the papers in docs/figures, by the tag of their figure."""
    found: dict[str, list[Path]] = {}
    for path in sorted((DOCS / "figures").iterdir()):
        if match := PICTURE.fullmatch(path.name):
            found.setdefault(f"{match['paper']}:{match['name']}", []).append(path)
    return found


def is_other(path: Path) -> bool:
    """Whether a file is a picture of no paper."""
    return path.suffix in (".png", ".svg") and not PICTURE.fullmatch(path.name)


def _paper(paper: str, tags: list[str], shown: dict[str, list[Path]]) -> str:
    page = DOCS / f"reproduction-{paper}.md"
    tables = dict(MARKED.findall(page.read_text(encoding="utf-8"))) if page.exists() else {}
    statements = tables.pop("statements", "")
    parts = [
        f"# arXiv:{paper}, figure by figure",
        f"Source: {with_source(f'arXiv:{paper}', '../')}. "
        + (
            f"[Why numbers differ, and the errata](../../reproduction-{paper}.md)."
            if page.exists()
            else ""
        ),
        "One command makes all figures and tables of the paper:",
        fenced(f"dipolescan reproduce {paper}", "bash"),
    ]
    for tag in tags:
        name = tag.partition(":")[2]
        parts += [f"## {escaped(name)}: {escaped(figures[tag].title)}"]
        for path in shown.get(tag, ()):
            parts.append(f"![{escaped(figures[tag].title)}](../../figures/{path.name})")
        parts.append(fenced(f"dipolescan reproduce {tag}", "bash"))
        if rows := _of(statements, name):
            parts += ["What the paper says of it in words, and what decides that here:", rows]
    provenance = tables.pop("provenance", "").strip()
    if tables:
        parts.append("## Quoted numbers beside ours")
        parts += [text.strip() for text in tables.values()]
    return "\n\n".join([*parts, provenance])


def _of(statements: str, name: str) -> str:
    """Rows of the statements of one figure, without the column that names it."""
    lines = [line for line in statements.splitlines() if line.startswith("|")]
    rows = [line for line in lines[2:] if line.split("|")[1].strip() == name]
    cut = [f"|{line.split('|', 2)[2]}" for line in (*lines[:2], *rows)]
    return "\n".join(cut) if rows else ""
