"""Locales, streams that are closed or narrow, files of Dask's configuration, and errors that nobody foresaw."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scanner
import scanner.cli as commands
from physics.errors import InputError
from scanner.cli import _failures, _streams
from scanner.scans import filling
from scanner.scans.dask_files import check_dask_files, dask_files

ROOT = Path(commands.__file__).parents[2]
UTF_8 = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def process(*words, variables=None, **more):
    """The command in a process of its own; what it says is read as bytes."""
    environment = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LANG")}
    command = [sys.executable, "-m", "scanner", *map(str, words)]
    return subprocess.run(
        command, cwd=more.pop("cwd", ROOT), env=environment | (variables or {}), stderr=subprocess.PIPE,
        stdout=more.pop("stdout", subprocess.PIPE), check=False, **more,
    )  # fmt: skip


@pytest.fixture(scope="session")
def locales(tmp_path_factory):
    """Folder with two locales whose encodings are not UTF-8."""
    folder = tmp_path_factory.mktemp("locales")
    for name, charset in (("en_US", "ISO-8859-1"), ("ja_JP", "EUC-JP")):
        words = ["localedef", "-i", name, "-f", charset, str(folder / f"{name}.{charset}")]
        try:
            subprocess.run(words, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip(
                "locales cannot be made here: localedef and its sources (package locales) are missing"
            )
    return folder


# ---- what a terminal can show ------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["en_US.ISO-8859-1", "ja_JP.EUC-JP", "C"])
def test_commands_in_other_locales(locales, small, spectra, tmp_path, name):
    """Everything works as with UTF-8; what the encoding does not have is written in words."""
    variables = {"LOCPATH": str(locales), "LC_ALL": name, **UTF_8}
    encoding = {"C": "ascii"}.get(name, name.partition(".")[2])
    spec = tmp_path / "s.yaml"
    spec.write_text("# Größe\n" + _spec(), encoding="utf-8")
    chosen = ["--experiment", "FASER2", "--flavor", "e"]
    commands = [
        ["list", "channels"], ["plan", spec], ["reach", small, *chosen], ["info", small],
        ["contour", small, *chosen, "-o", tmp_path / "c.csv"],
    ]  # fmt: skip
    (tmp_path / "lines").write_text(
        json.dumps([[str(word) for word in words] for words in commands]), encoding="utf-8"
    )
    command = [sys.executable, "-c", SEVERAL, tmp_path / "lines"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | variables, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    said = done.stdout.decode(encoding)
    assert said.count("status 0") == len(commands), said
    assert ("N → ν γ" if name.startswith("ja") else "N -> nu gamma") in said
    assert "fingerprint" in said
    assert (tmp_path / "c.csv").read_bytes().decode("utf-8")


SEVERAL = """
import json, sys
from scanner.cli import run_main
for words in json.load(open(sys.argv[1], encoding="utf-8")):
    sys.argv = ["dipolescan", *words]
    try:
        run_main()
        print("status 0")
    except SystemExit as end:
        print("status", end.code or 0)
"""


def _spec():
    return (
        "name: toy\nexperiments: [FASER2]\naxes:\n  generator: [toy]\n  flavor: [e]\n"
        "  m_N: [0.1, 0.2]\n  d_gamma: [1e-6, 1e-5]\nsampling: {points: 64, replicas: 2}\n"
    )


def test_symbols_in_words():
    _streams.prepare_streams()
    assert "ν → γ, 3 ≤ x".encode("ascii", _streams.NAME) == b"nu -> gamma, 3 <= x"
    assert "ä\ud800".encode("ascii", _streams.NAME) == b"??"
    assert "ν ä".encode("iso8859-1", _streams.NAME) == b"nu \xe4"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", _streams.NAME)


def test_an_output_that_is_closed(small):
    """As in cron: nothing is said, and no file takes the place of the output."""
    words = f'"{sys.executable}" -m scanner reach "{small}" --experiment FASER2 --flavor e -o "$1" >&- 2>&- <&-'
    target = small.parent / "closed.csv"
    done = subprocess.run(["sh", "-c", words, "sh", target], cwd=ROOT, check=False)
    assert done.returncode == 0
    assert b"m_N_GeV" in target.read_bytes()


# ---- Dask's configuration ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("distributed: {worker: [\n", "x.yaml: not valid YAML .line 2"),
        ("a: 1\nb: 2\na: 3\n", "x.yaml: the key 'a' stands twice, in line 1 and in line 3"),
        ("- 1\n", "x.yaml: a configuration of Dask is a mapping"),
    ],
)
def test_files_of_dask(tmp_path, monkeypatch, content, words):
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path))
    (tmp_path / "x.yaml").write_text(content, encoding="utf-8")
    (tmp_path / "y.txt").write_text("not: [read", encoding="utf-8")
    assert dask_files()[-1] == tmp_path / "x.yaml"
    with pytest.raises(InputError, match=words):
        check_dask_files()


def test_a_file_that_dask_cannot_read(small, tmp_path):
    """Dask reads it when it is imported, and gives neither the line nor a sentence."""
    (tmp_path / "x.yaml").write_text("distributed: {worker: [\n", encoding="utf-8")
    words = ("reach", small, "--experiment", "FACET", "--flavor", "e")
    done = process(*words, variables={"DASK_CONFIG": str(tmp_path)})
    assert done.returncode == 1
    assert re.fullmatch(rb"Error: \S+/x.yaml: not valid YAML \(line 2, .*\)\n", done.stderr)


# ---- errors that nobody foresaw ----------------------------------------------------------------


@pytest.fixture
def failing(cli, monkeypatch, tmp_path):
    """Runs a command that ends with an error."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(error):
        def fail(*_, **__):
            raise error

        monkeypatch.setattr("scanner.cli.calc.command.callback", fail)
        status, out, err = cli("calc", "width")
        assert (status, out) == (1, "")
        assert "Traceback" not in err
        return err

    return run


def test_any_error_is_a_sentence_with_a_log(failing, tmp_path):
    err = failing(ZeroDivisionError("division\nby zero " + 1000 * "x"))
    assert err.startswith("Error: unexpected ZeroDivisionError (division by zero x")
    assert len(err) < 400
    (log,) = (tmp_path / "state" / "dipolescan" / "errors").iterdir()
    assert f"the traceback is in {log}" in err
    text = log.read_text(encoding="utf-8")
    assert "Traceback (most recent call last)" in text
    assert "arguments  ['calc', 'width']" in text
    assert log.stat().st_mode & 0o777 == 0o600


def test_other_kinds_of_errors(failing):
    assert "there is too little memory for this (3 TiB)" in failing(MemoryError("3 TiB"))
    assert "x.yaml cannot be used (No such file" in failing(
        FileNotFoundError(errno.ENOENT, "No such file", "x.yaml")
    )
    assert failing(OSError(errno.ENOSPC, "No space left")) == (
        "Error: the output cannot be used (No space left)\n"
    )
    assert failing(BrokenPipeError(errno.EPIPE, "Broken pipe")) == ""
    assert "unexpected UnicodeError" in failing(UnicodeError("ä\ud800"))


def test_where_no_log_can_be_written(failing, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    monkeypatch.setattr(_failures.tempfile, "gettempdir", lambda: "/dev/null")
    assert "its traceback could not be written anywhere" in failing(ValueError("x"))
    monkeypatch.setattr(_failures, "_report", lambda _: 1 / 0)
    assert "its traceback could not be written anywhere" in failing(ValueError("x"))


# ---- places ------------------------------------------------------------------------------------


def test_home_and_file_addresses_everywhere(cli, small, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(small.parent))
    chosen = ("--experiment", "FASER2", "--flavor", "e")
    right = cli("reach", small, *chosen)
    assert right[0] == 0
    assert cli("reach", f"~/{small.name}", *chosen) == right
    assert cli("reach", f"file://{small}", *chosen) == right
    monkeypatch.setenv("HOME", str(tmp_path))
    for i, place in enumerate((f"file://{tmp_path}/0.csv", "~/1.csv")):
        assert cli("reach", small, *chosen, "-o", place)[0] == 0
        assert (tmp_path / f"{i}.csv").is_file()
    monkeypatch.setenv("DIPOLESCAN_QUEUE", "~/queue")
    assert f"there is no queue at {tmp_path}/queue" in cli("status")[2]
    (tmp_path / "s.yaml").write_text(_spec(), encoding="utf-8")
    assert scanner.load_spec("~/s.yaml").name == "toy"
    assert not Path("~").exists()


# ---- stores ------------------------------------------------------------------------------------


def test_what_is_there_instead_of_a_store(cli, small, tmp_path, monkeypatch):
    folder = small.parent
    err = cli("info", folder)[2]
    assert re.search(
        r"is a folder of \d stores? and none itself; give one of them: .*small.zarr", err
    )
    assert f"is a part of the store {small}; give that" in cli("info", small / "FASER2")[2]
    assert "did you mean 'small.zarr'?" in cli("info", folder / "smal.zarr")[2]
    (tmp_path / "empty").mkdir()
    assert (
        "is a folder and no store of dipolescan; it is empty" in cli("reach", tmp_path / "empty")[2]
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "toy.zarr").mkdir(parents=True)
    assert "did you mean results/toy.zarr?" in cli("info", "toy")[2]
    assert "Error" not in "".join(cli("info", "nothing")[2].split("Error: ")[1:])


def test_ctrl_c_tells_of_a_store_only_where_a_run_has_one(monkeypatch, capsys):
    """What only reads has stored nothing."""

    def interrupted(**_):
        raise KeyboardInterrupt

    def said():
        with pytest.raises(SystemExit) as end:
            commands.run_main()
        assert end.value.code == 130
        return capsys.readouterr().err.strip()

    for name in ("draw_without_docstrings", "prepare_streams"):
        monkeypatch.setattr(commands, name, lambda: None)
    for module, name in ((commands.gc, "set_threshold"), (commands.atexit, "register")):
        monkeypatch.setattr(module, name, lambda *_: None)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "__all__")
    monkeypatch.setattr(commands.main, "main", interrupted)
    monkeypatch.setattr(filling, "_begun", False)
    assert said() == "Interrupted."
    filling.begin()
    assert said() == "Interrupted; what was finished is stored, run again to go on."
