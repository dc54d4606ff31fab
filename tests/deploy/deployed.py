"""Files of deploy/ and its pages, and the command lines in them."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import click
import pytest
import yaml

import scanner
from physics.errors import InputError
from physics.models.model import models
from physics.nature.beams import beam, is_file
from physics.quantities.base import quantities
from scanner.cli import main
from scanner.cli._common import _StorePlace
from scanner.cli._types import Place
from scanner.limits.methods.base import methods
from scanner.outputs.reproduce.base import figures
from scanner.outputs.reproduce.papers import chosen
from scanner.scans.spec import bundled_specs, load_spec
from schedulers.clusters.choice import backend_of
from schedulers.errors import ClusterError

ROOT = Path(scanner.__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))

# a command begins a line, or follows one of these
_BEGIN = re.compile(
    r"(?:^|[;&|(]\s*|-- |exec(?: -T)? service |ExecStart=|run --rm |sudo -u \w+ |sh -c '|dipolescan )\s*"
    r"(?:\S*/)?(?P<word>dipolescan(?= (?:[a-z]|--))|submit(?= ))(?! dipolescan )",
    re.MULTILINE,
)
_OPERATOR = re.compile(r"[;&|()<>]+")


def tool(name):
    """Where a program is; DIPOLESCAN_REQUIRE_TOOLS=1 makes its absence an error."""
    place = shutil.which(
        name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    if place is None and os.environ.get("DIPOLESCAN_REQUIRE_TOOLS"):
        pytest.fail(f"{name} is required here and not installed")
    if place is None:
        pytest.skip(f"{name} is not installed")
    return place


def checked(*words, **more):
    """Run a program that must succeed and say nothing on stderr; returns what it prints."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def documents(path):
    """Documents of a YAML file."""
    return [d for d in yaml.safe_load_all(path.read_text()) if d]


def command_lines():
    """(file, words after ``dipolescan``) of every command line."""
    found = []
    for path in sorted(p for p in DEPLOY.rglob("*") if p.is_file() and p.suffix != ".md"):
        text = path.read_text()
        if path.suffix == ".yaml":
            for document in documents(path):
                found += [(path, words) for words in _lists(document)]
            text = "\n".join(re.findall(r"^ *#   (.*)$", text, re.MULTILINE))
        elif path.name == "Dockerfile":
            found += [
                (path, json.loads(w)[1:])
                for w in re.findall(r'^CMD (\["dipolescan".*)$', text, re.M)
            ]
        found += [(path, words) for words in _in_shell(re.sub(r"^#   ", "", text, flags=re.M))]
    for page in (*PAGES, DEPLOY / "README.md"):
        text = page.read_text()
        for kind, code in re.findall(r"^ *```(\w*)\n(.*?)```", text, re.DOTALL | re.MULTILINE):
            if kind not in ("bash", "sh", "console"):  # commands in remarks
                code = "\n".join(re.findall(r"# (dipolescan .*?)(?:,|$)", code, re.MULTILINE))
            found += [(page, words) for words in _in_shell(code)]
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        for code in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", prose):
            for words in _in_shell(" ".join(code.split())):
                found.append((page, [*words, "--help"] if _only_named(words) else words))
    return found + list(examples())


def _only_named(words):
    """Whether words are no more than the name of a command, as in a sentence about it."""
    context = click.Context(main)
    group = main.get_command(context, words[0]) if words else None
    return len(words) == 1 or (
        len(words) == 2 and isinstance(group, click.Group) and words[1] in group.commands
    )


def examples():
    """(file, words) of every example in the help of a command."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        every = [command, *(command.commands.values() if isinstance(command, click.Group) else [])]
        for each in every:
            text = f"{each.help}\n{each.epilog or ''}"
            text = re.sub(r"\n +(?=--)", " ", text)  # a line that goes on
            lines = re.findall(r"^ *(dipolescan .*?)(?:   .*)?$", text, re.MULTILINE)
            for line in lines:
                yield from (
                    (ROOT / "scanner" / "cli" / f"{name}.py", w) for w in _in_shell(line.strip())
                )


def _lists(node):
    """Command lists of compose files and manifests."""
    if isinstance(node, dict):
        words = node.get("command") or []
        if words[:1] == ["dipolescan"] and len(words) > 1:
            yield words[1:]
        for value in node.values():
            yield from _lists(value)
    elif isinstance(node, list):
        for value in node:
            yield from _lists(value)


def _in_shell(text):
    text = re.sub(r"\\\n\s*", " ", text)
    for match in _BEGIN.finditer(text):
        line = text[match.end("word") :].split("\n")[0]
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = ["submit"] if match["word"] == "submit" else []
        try:
            for word in lexer:
                if _OPERATOR.fullmatch(word):
                    if word[0] in "<>" and words and words[-1].isdigit():
                        words.pop()  # the 2 of 2>file
                    break
                words.append(word)
        except ValueError:  # a quote that began before the command
            words = [w.strip("'\"") for w in re.split(r"[;&|<>'\"]", line)[0].split()]
        yield [w for w in words if w != "$@"]


def check_words(words):
    """Raise unless the command takes these words; a word with ``$`` may stand for anything."""
    command, context = main, click.Context(main, info_name="dipolescan", **main.context_settings)
    while isinstance(command, click.Group):
        word, *words = words or [""]
        if word.startswith("-"):
            return
        command, name = command.get_command(context, word), word
        if command is None:
            raise click.UsageError(f"no command {word!r}")
        context = click.Context(command, info_name=name, parent=context)
    if any("$" in w for w in words):
        command.make_parser(context).parse_args(list(words))
    elif "--help" not in words:
        with (  # no store and no style need be there
            mock.patch.object(_StorePlace, "convert", Place.convert),
            mock.patch("scanner.outputs.look.read_style", return_value={}),
        ):
            made = command.make_context(name, list(words), parent=context.parent)
        _check_names(name, made)


def _check_names(name, made):
    """What a command would look up: bundled specs and their keys, quantities, figures, methods, axes of a cube."""
    given = made.params
    known = {
        "--experiment",
        *(f"--{a.name}".replace("_", "-") for m in models.values() for a in m.axes),
    }
    wrong = [w for w in made.args if w.startswith("--") and w.partition("=")[0] not in known]
    if wrong:
        raise click.UsageError(f"no axis {wrong}")
    try:
        if given.get("spec") in bundled_specs():
            # files of one's own are read in tests/test_docs.py
            load_spec(given["spec"], [o for o in given["overrides"] if ".yaml" not in o])
        elif not re.search(r"[./$]|^[A-Z]+$", given.get("spec", ".")):
            raise InputError(f"no spec {given['spec']!r}")
        if given.get("quantity", "NAME") != "NAME":
            quantity = quantities[given["quantity"]]
            unknown = {w.partition("=")[0] for w in given["parameters"]} - set(
                quantity.parameters()
            )
            if unknown:
                raise InputError(f"{quantity.tag} has no {unknown}")
        if "figure" in given:
            chosen(given["figure"], figures)
        if given.get("method"):
            methods[given["method"]]
        if given.get("generator") and not is_file(given.get("beam") or ".yaml"):
            beam(given["beam"])  # a beam of one's own is read in tests/test_docs.py
        if given.get("cluster") not in (None, "NAME"):
            backend_of(given["cluster"])
    except (InputError, ClusterError) as error:
        raise click.UsageError(str(error)) from None


class Processes:
    """Programs of a test, with their output in files; all end with the test."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []

    def start(self, name, *words, **environment):
        """Start one; ``dipolescan`` and ``dask`` are those of this Python."""
        modules = {"dipolescan": "scanner", "dask": "dask"}
        words = [str(w) for w in words]
        if Path(words[0]).name in modules:
            words[:1] = [sys.executable, "-m", modules[Path(words[0]).name]]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            )  # fmt: skip
        self.started.append(process)
        return process

    def log(self, name):
        """What a program has written."""
        return (self.folder / f"{name}.log").read_text()

    def stop(self):
        """End all."""
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def processes(tmp_path):
    """Starts programs that end with the test."""
    started = Processes(tmp_path)
    yield started
    started.stop()
