"""Docstrings in NumPy style as Markdown, without a directive of Sphinx for each name: quick, and formulas stay."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from text import code, escaped, fenced

SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.M)
ROLE = re.compile(r":\w+(?::\w+)?:`~?([^`]*)`")


def module_page(path: Path, name: str) -> str:
    """A module: what it is, and each public function and class with its signature."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = [f"## {escaped(name)}", markdown(ast.get_docstring(tree) or "")]
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            parts += _entry(node)
            if isinstance(node, ast.ClassDef):
                for below in node.body:
                    if isinstance(below, ast.FunctionDef) and not below.name.startswith("_"):
                        parts += _entry(below, f"{node.name}.")
    return "\n\n".join(part for part in parts if part)


def _entry(node: ast.FunctionDef | ast.ClassDef, above: str = "") -> list[str]:
    return [
        f"**{code(above + node.name)}**",
        fenced(_signature(node), "python"),
        markdown(ast.get_docstring(node) or ""),
    ]


def _signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, node.bases))
        return f"class {node.name}({bases})" if bases else f"class {node.name}"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"def {node.name}({ast.unparse(node.args)}){returns}"
    if len(line) < 90:
        return line
    arguments = re.sub(r", (?=\w+\s*[:=*]|\*)", ",\n    ", ast.unparse(node.args))
    return f"def {node.name}(\n    {arguments},\n){returns}"


def markdown(docstring: str) -> str:
    """A docstring: paragraphs, formulas that are indented, lists of names, and examples."""
    text = inspect.cleandoc(docstring)
    first, *rest = SECTION.split(text)
    parts = [_paragraphs(first)]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        parts.append(f"*{escaped(title)}*")
        parts.append(fenced(body, "pycon") if title == "Examples" else _names(body))
    return "\n\n".join(part for part in parts if part)


def _paragraphs(text: str) -> str:
    found = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if not block.strip():
            continue
        if block.lstrip().startswith((">>>", "* ", "- ")) or re.search(r"^\s{2,}", block, re.M):
            language = "pycon" if block.lstrip().startswith(">>>") else "text"
            found.append(fenced(inspect.cleandoc(block), language))
        else:
            found.append(_words(block))
    return "\n\n".join(found)


def _words(text: str) -> str:
    """Words with their code: roles and double quotes become code, all else is taken as it is."""
    text = ROLE.sub(r"``\1``", " ".join(text.split()))
    parts = re.split(r"``(.+?)``", text)
    return "".join(code(part) if i % 2 else escaped(part) for i, part in enumerate(parts))


def _names(body: str) -> str:
    """Names with what they mean, as a list."""
    found: list[tuple[str, list[str]]] = []
    for line in body.strip("\n").splitlines():
        if line and not line.startswith(" "):
            found.append((line, []))
        elif found:
            found[-1][1].append(line.strip())
    return "\n".join(
        f"* {code(name)}" + (f": {_words(' '.join(words))}" if any(words) else "")
        for name, words in found
    )
