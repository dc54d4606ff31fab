"""Files of the habits of development are valid and agree: justfile, pre-commit, workflow, citation."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
CI = ROOT / ".ci" / "run"


def program(name, *words):
    """What a program that pip has installed beside this Python says."""
    path = Path(sys.executable).with_name(name)
    done = subprocess.run([path, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def recipe(name):
    """Command lines of a recipe, as just would give them to the shell."""
    path = Path(sys.executable).with_name("just")
    words = [path, "--justfile", ROOT / "justfile", "--dry-run", name]
    return subprocess.run(words, check=True, capture_output=True, text=True).stderr.splitlines()


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-workflows", WORKFLOW),
        ("custom.github-workflows-require-timeout", WORKFLOW),
        ("vendor.citation-file-format", ROOT / "CITATION.cff"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_schemas(schema, path):
    """As check-jsonschema ships them."""
    program("check-jsonschema", "--builtin-schema", schema, path)


def test_the_workflow_runs_what_ci_knows():
    """The versions that .ci/run takes, pinned ones on the oldest and the newest Python."""
    job = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["tests"]
    runs = {(run["versions"], run["python"]) for run in job["strategy"]["matrix"]["include"]}
    known = re.findall(r"^ +(\w+)\) \w+.* ;;$", CI.read_text(encoding="utf-8"), flags=re.M)
    assert (
        {versions for versions, _ in runs} == set(known) == {"pinned", "newest", "lowest", "long"}
    )
    assert {("pinned", "3.11"), ("pinned", "3.13"), ("lowest", "3.11")} <= runs
    assert job["steps"][-1]["run"] == ".ci/run ${{ matrix.versions }}"


def test_an_unknown_word_is_refused():
    done = subprocess.run([CI, "latest"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "unknown: latest" in done.stderr


def test_recipes_run_what_is_there():
    assert recipe("all") == [".ci/run"]
    assert recipe("test") == [".venv/bin/python -m pytest -q --fast"]
    assert recipe("measure") == [".venv/bin/python -m pytest -q --measure"]
    assert [line for line in recipe("check") if "tests/test_pages.py" in line]
    text = CI.read_text(encoding="utf-8")
    assert all(f".venv/bin/just {name}\n" in text for name in ("check", "test"))


def test_commits_are_checked_by_the_linters_of_check():
    """Each hook is a local command of 'just check'; ruff may mend the files in place."""
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["repo"] == "local"
    entries = {hook["entry"].replace(" --force-exclude", "") for hook in repo["hooks"]}
    linters = {
        line.removesuffix(" .").removesuffix(" --check")
        for line in recipe("check")
        if "pytest" not in line
    }
    assert entries == linters == {".venv/bin/ruff check", ".venv/bin/ruff format", ".venv/bin/mypy"}


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [citation[key] for key in ("title", "version", "license")] == [
        project[key] for key in ("name", "version", "license")
    ]
    assert [author["name"] for author in citation["authors"]] == ["The dipolescan authors"]
    assert "The dipolescan authors" in (ROOT / "LICENSE").read_text(encoding="utf-8")


# ---- text files ------------------------------------------------------------------------------

MODES = re.compile(r"[rwax+t]+")


def _named(call, name):
    return [word.value for word in call.keywords if word.arg == name]


def _in_the_encoding_of_the_locale(call):
    """Whether a call opens or reads text without saying its encoding."""
    function = call.func
    name = getattr(function, "attr", getattr(function, "id", ""))
    if _named(call, "encoding"):
        return False
    if name in ("read_text", "write_text"):
        if getattr(getattr(function, "value", None), "id", "") == "formatter":  # click's
            return False
        return len(call.args) <= (name == "write_text")
    if any(getattr(value, "value", None) is True for value in _named(call, "text")):
        return True
    if name not in ("open", "fdopen", "NamedTemporaryFile"):
        return False
    modes = [a.value for a in (*call.args, *_named(call, "mode")) if isinstance(a, ast.Constant)]
    if any(isinstance(mode, str) and "b" in mode and len(mode) < 4 for mode in modes):
        return False
    if isinstance(function, ast.Name):  # the built-in one
        return name == "open"
    return any(isinstance(mode, str) and MODES.fullmatch(mode) for mode in modes)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("p.read_text()", True), ("p.read_text(encoding='utf-8')", False), ("p.read_text('utf-8')", False),
        ("p.write_text(t)", True), ("p.write_text(t, encoding='utf-8')", False), ("p.open('w')", True),
        ("p.open('rb')", False), ("open(p)", True), ("open(p, 'wb')", False), ("open(p, encoding='ascii')", False),
        ("job.open()", False), ("subprocess.run(w, text=True)", True), ("run(w, text=True, encoding='utf-8')", False),
        ("os.open(p, os.O_RDWR)", False), ("p.open(mode='a+')", True),
    ],
)  # fmt: skip
def test_what_reads_in_the_encoding_of_the_locale(code, found):
    assert _in_the_encoding_of_the_locale(ast.parse(code).body[0].value) == found


@pytest.mark.parametrize("package", ["physics", "scanner", "schedulers"])
def test_text_is_read_and_written_as_utf_8(package):
    """Whatever the locale is: under ja_JP.EUC-JP the product's own YAML could not be read."""
    paths = sorted((ROOT / package).rglob("*.py"))
    assert paths
    for path in paths:
        calls = [n for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.Call)]
        lines = [call.lineno for call in calls if _in_the_encoding_of_the_locale(call)]
        assert not lines, f"{path}: without an encoding in lines {lines}"


@pytest.mark.parametrize("package", ["physics", "scanner", "schedulers"])
def test_every_file_of_a_package_is_installed_with_it(package):
    """What pyproject.toml names as data; a checkout has all files, an installation only those."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folder = ROOT / package
    named = settings["tool"]["setuptools"]["package-data"][package]
    installed = {path for pattern in named for path in folder.glob(pattern)}
    there = {p for p in folder.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc")}
    there = {p for p in there if not p.is_relative_to(folder / "door")}
    assert there - installed == set()
