"""Every command line in deploy/, on the pages and in the help is one that the command takes; scripts are sound."""

import re
import subprocess

import click
import deployed
import pytest

from physics.errors import InputError

COMMANDS = deployed.command_lines()
SCRIPTS = sorted(p for p in deployed.DEPLOY.rglob("*") if p.suffix in (".sh", ".sbatch"))
KINDS = ("docker", "slurm", "systemd", "kubernetes", "tls", "dask")


@pytest.mark.parametrize(
    ("path", "words"), [pytest.param(p, w, id=f"{p.name}: {' '.join(w)}") for p, w in COMMANDS]
)
def test_a_command_line_parses(path, words):
    try:
        deployed.check_words(words)
    except InputError as error:  # which words it would read is known only where it is
        if "is not installed" not in str(error):
            raise
    except click.UsageError as error:
        pytest.fail(f"{path.relative_to(deployed.ROOT)}: {error.format_message()}")


def test_they_are_found():
    """In files of each kind and on each page, and at least one of each command of the queue."""
    files = {p for p, _ in COMMANDS}
    names = {
        "Dockerfile", "compose.yaml", "service.sbatch", "allocation.sbatch", "service.yaml", "dipolescan.service",
        "docker.md", "slurm.md", "systemd.md", "kubernetes.md", "tls.md", "README.md", "slurm.yaml",
        "clusters.md", "physics.md", "service.md", "specs.md", "spectra.md",
    }  # fmt: skip
    assert names <= {p.name for p in files}
    assert {"serve", "submit", "status", "watch", "cancel", "run", "clusters"} <= {
        w[0] for _, w in COMMANDS
    }


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--no-such-option"],
        ["no-such-command"],
        ["submit"],
        ["run", "quickstart", "--walltime", "x"],
        ["run", "quickest"],
        ["plan", "quickstart", "--set", "axes.m_M.num=3"],
        ["reach", "a.zarr", "--flavour", "e"],
        ["reach", "a.zarr", "--method", "guess"],
        ["calc", "decay-lenght"],
        ["calc", "width", "mass=3"],
        ["reproduce", "2308.16608:fig9"],
        ["run", "quickstart", "--cluster", "slurmy"],
        ["spectra", "build", "--generator", "pythia8", "--beam", "lhc-15tev"],
    ],
)
def test_a_bad_one_would_be_seen(words):
    with pytest.raises(click.UsageError):
        deployed.check_words(words)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_scripts(path):
    subprocess.run(["bash", "-n", str(path)], check=True)
    deployed.checked(deployed.tool("shellcheck"), path)
    assert path.stat().st_mode & 0o111


@pytest.mark.parametrize(("name", "grace"), [("service", 60), ("allocation", 20)])
def test_a_job_of_slurm_has_time_to_stop_and_comes_back(name, grace):
    """The shell (B:) gets SIGTERM so long before the end; half as much again as running blocks may take is kept."""
    text = (deployed.DEPLOY / "slurm" / f"{name}.sbatch").read_text()
    given = dict(re.findall(r"^#SBATCH --([\w-]+)(?:=(\S+))?", text, re.MULTILINE))
    before = re.fullmatch(r"B:TERM@(\d+)", given["signal"])
    assert before
    assert int(before[1]) > 1.5 * grace
    assert (f"--grace {grace}" in text) == (name == "service")
    assert "requeue" in given
    assert given["open-mode"] == "append"  # the log of the first start is kept
    assert re.search(r"^trap 'kill -TERM \"\$\w+\"", text, re.MULTILINE)


def test_there_are_scripts():
    assert len(SCRIPTS) >= 3


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_page_with_what_to_do_when_it_does_not_work(kind):
    page = deployed.ROOT / "docs" / ("clusters.md" if kind == "dask" else f"deploy/{kind}.md")
    text = page.read_text()
    assert re.search(r"[Ww]hen it does not work", text)
    assert f"deploy/{kind}" in text


def test_links_lead_somewhere():
    pages = [deployed.DEPLOY / "README.md", *(deployed.ROOT / "docs" / "deploy").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert "://" in target or (page.parent / target).exists(), (page, target)


def test_extras_of_scripts_are_installed_by_their_pages():
    asked = {"--log-format json": "service", "--cluster slurm": "hpc"}
    for kind in ("slurm", "systemd"):
        scripts = "".join(p.read_text() for p in (deployed.DEPLOY / kind).iterdir())
        page = (deployed.ROOT / "docs" / "deploy" / f"{kind}.md").read_text()
        (installs,) = [line for line in page.splitlines() if "pip install -c" in line]
        for option, extra in asked.items():
            assert option not in scripts or extra in installs, (kind, option)
