"""Completion in bash, zsh and fish: what ``docs/commands.md`` says is so, and in a real shell where there is one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from schedulers import inbox

ROOT = Path(__file__).parents[2]
SHELLS = ("bash", "zsh", "fish")


@pytest.fixture
def complete(cli, monkeypatch):
    """What is completed after some words, the last of them begun; each is a kind and a word."""

    def call(*words, shell="bash"):
        monkeypatch.setenv("_DIPOLESCAN_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(["dipolescan", *words]))
        begun = words[-1] if shell == "fish" else str(len(words))
        monkeypatch.setenv("COMP_CWORD", begun)
        status, out, err = cli()
        assert (status, err) == (0, "")
        return out.splitlines()

    return call


def test_commands_options_and_names(complete, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "none"))
    assert complete("rep") == ["plain,reproduce"]
    assert complete("clusters", "sh") == ["plain,show"]
    assert complete("clusters", "show", "sl") == ["plain,slurm"]
    assert complete("clusters", "show", "--par") == ["plain,--partition"]
    assert complete("list", "fl") == ["plain,flavors", "plain,fluxes"]
    assert complete("run", "quick") == ["plain,quickstart"]
    assert complete("run", "mine/") == ["file,mine/"]
    assert complete("calc", "decay-l") == ["plain,decay-length"]
    assert complete("reproduce", "2406") == [
        "plain,2406.17599",
        *(f"plain,2406.17599:{name}" for name in ("fig2", "fig3", "fig4", "table1")),
    ]
    assert complete("info", "res") == ["file,res"]
    assert complete("status", "a") == [""]  # there is no queue


def test_scans_of_the_queue(complete, tmp_path, monkeypatch):
    for name in ("one", "two"):
        inbox.make_folders(tmp_path / name)
        inbox.put(tmp_path / name, "submit", f"toy-{name}")
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "one"))
    assert complete("cancel", "t") == ["plain,toy-one"]
    assert complete("watch", "--queue", str(tmp_path / "two"), "t") == ["plain,toy-two"]


def test_what_a_store_has(complete, small):
    """Axes as options, their values, channels, experiments of a combination, words of a query, methods."""
    store = str(small)
    assert "plain,--flavor" in complete("reach", store, "--fl")
    assert complete("contour", store, "--flavor", "t") == ["plain,tau"]
    assert complete("plot", store, "--flavor", "e", "--experiment", "FAC") == ["plain,FACET"]
    assert complete("reach", store, "--flavor", "e", "--flav") == [""]
    assert "plain,eta" in complete("reach", store, "--channel", "et")
    assert complete("reach", store, "--method", "feld") == ["plain,feldman-cousins"]
    assert complete("combine", store, "--experiment", "FASER") == ["plain,FASER2"]
    assert complete("compare", store, "--by", "exp") == ["plain,experiment", "plain,exposure"]
    assert complete("query", store, "flavor=") == ["plain,flavor=e", "plain,flavor=tau"]
    assert complete("query", store, "flavor=e", "m") == ["plain,m_N="]
    assert complete("reach", "none.zarr", "--flavor", "t") == [""]


def test_zsh_and_fish_have_the_same(complete):
    assert complete("verif", shell="zsh")[:2] == ["plain", "verify"]
    (line,) = complete("verif", shell="fish")
    assert line.startswith("plain,verify")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_lines_of_the_page_give_what_the_shell_reads(cli, monkeypatch, shell):
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.search(rf"_DIPOLESCAN_COMPLETE={shell}_source dipolescan > \S+", page)
    monkeypatch.setenv("_DIPOLESCAN_COMPLETE", f"{shell}_source")
    status, out, err = cli()
    assert (status, err) == (0, "")
    assert f"_DIPOLESCAN_COMPLETE={shell}_complete" in out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=out, text=True, check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_in_a_real_bash(tmp_path):
    """With the script as it is installed, and a program of that name."""
    program = tmp_path / "dipolescan"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanner "$@"\n')
    program.chmod(0o755)
    code = """
    source <(_DIPOLESCAN_COMPLETE=bash_source dipolescan)
    complete -p dipolescan
    COMP_WORDS=(dipolescan list b); COMP_CWORD=2
    _dipolescan_completion dipolescan
    echo "${COMPREPLY[@]}"
    """
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "--norc", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _dipolescan_completion dipolescan",
        "beams",
    ]
