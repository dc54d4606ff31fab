"""Job scripts of every batch system, as they would be submitted; no batch system is needed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import dask
import pytest
import toys
import yaml

import scanner
from schedulers.clusters import batch
from schedulers.clusters.choice import connect, describe
from schedulers.errors import ClusterError

DOCS = Path(scanner.__path__[0]).parent / "docs"
SYSTEMS = ("slurm", "pbs", "lsf", "htcondor")

# header lines of a job of one core, 2 GiB and half an hour, by the manuals of sbatch, qsub, bsub and condor_submit
HEADERS = {
    "slurm": ["#SBATCH -J dipolescan", "#SBATCH -n 1", "#SBATCH --cpus-per-task=1", "#SBATCH --mem=2G",
              "#SBATCH -t 00:30:00", "#SBATCH -p short", "#SBATCH -A hep"],
    "pbs": ["#PBS -N dipolescan", "#PBS -l select=1:ncpus=1:mem=2048MB", "#PBS -l walltime=00:30:00",
            "#PBS -q short", "#PBS -A hep"],
    "lsf": ["#BSUB -J dipolescan", "#BSUB -n 1", "#BSUB -M 2148", "#BSUB -W 00:30", "#BSUB -q short",
            '#BSUB -P "hep"'],
    "htcondor": ["MY.DaskWorkerCores = 1", "MY.DaskWorkerMemory = 2147483648", "MY.DaskWorkerDisk = 1073741824",
                 "RequestCpus = MY.DaskWorkerCores", "allowed_job_duration = 1800", "MY.Group = hep", "Queue"],
}  # fmt: skip
OPTIONS = {
    "slurm": {"queue": "short", "account": "hep"},
    "pbs": {"queue": "short", "account": "hep"},
    "lsf": {"queue": "short", "project": "hep", "lsf-units": "mb"},
    "htcondor": {"walltime": "00:30:00", "job-extra-directives": {"MY.Group": "hep"}},
}
SUBMIT = {"slurm": "sbatch", "pbs": "qsub", "lsf": "bsub", "htcondor": "condor_submit"}


@pytest.fixture(scope="module", autouse=True)
def _defaults():
    """They are there before a test configures something else."""
    for name in SYSTEMS:
        describe(name)


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert list(tmp_path.iterdir()) == []  # showing a job leaves nothing behind


def configured(name, **options):
    return dask.config.set({f"jobqueue.{name}.{key}": value for key, value in options.items()})


def refused(match, name="slurm", **changes):
    with pytest.raises(ClusterError, match=match) as error:
        describe(name)
    assert toys.one_sentence(str(error.value))


def test_defaults_do_not_pile_up():
    """Each cluster that is described or started adds ours; a service does that again and again."""
    describe("slurm")
    before = len(dask.config.defaults)
    for name in (*SYSTEMS, "local"):
        describe(name)
    assert len(dask.config.defaults) <= before + 1


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("section", ["jobqueue", "dipolescan"])
def test_header_lines(name, section):
    options = {f"{section}.{name}.{key}": value for key, value in OPTIONS[name].items()}
    if name == "htcondor":
        options["dipolescan.htcondor.walltime"] = options.pop(f"{section}.htcondor.walltime")
    with dask.config.set(options):
        shown = describe(name, 4)
    lines = shown["script"].splitlines()
    assert [line for line in HEADERS[name] if line not in lines] == []
    assert shown["submit"] == SUBMIT[name]
    assert (shown["minimum"], shown["maximum"]) == (4, 4)
    worker = "-m distributed.cli.dask_worker tls://SCHEDULER:PORT --name dipolescan-0 --nthreads 1"
    assert f"{worker} --memory-limit 2.00GiB --nanny" in shown["script"]
    assert sys.executable in shown["command"]
    assert "--lifetime 1620s --lifetime-stagger 60s" in shown["command"]  # 1800 - 60 - 60 - 60


def test_the_users_own_options_go_first():
    """Section dipolescan before jobqueue before our defaults before dask-jobqueue's."""
    with dask.config.set({"jobqueue.slurm.cores": 3, "jobqueue.slurm.walltime": "02:00:00"}):
        shown = describe("slurm", 7)
        assert "--cpus-per-task=3" in shown["script"]
        assert "--nworkers 3" in shown["command"]
        assert (shown["minimum"], shown["maximum"]) == (9, 9)
        assert "submits 3 jobs" in shown["does"]
        with dask.config.set({"dipolescan.slurm.walltime": "01:00:00"}):
            assert "#SBATCH -t 01:00:00" in describe("slurm")["script"]


def test_defaults_go_below_the_users_files(tmp_path_factory):
    """Read from a YAML file, as for a user."""
    folder = tmp_path_factory.mktemp("config")
    (folder / "mine.yaml").write_text(
        "jobqueue: {slurm: {memory: 5 GiB, scheduler-options: {port: 1234}}}\n"
        "dipolescan: {slurm: {maximum: 3, margin: 120}}\n"
    )
    code = (
        "import dask; from schedulers.clusters.choice import describe; d = describe('slurm'); "
        "print(d['maximum'], d['minimum'], dask.config.get('jobqueue.slurm.scheduler-options')); print(d['script'])"
    )
    root = str(scanner.__path__[0] + "/..")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {
            "DASK_CONFIG": str(folder), "PYTHONPATH": root,
            "DASK_DIPOLESCAN__SLURM__MINIMUM": "2", "DASK_DIPOLESCAN__SLURM__BLOCK_SECONDS": "180",
        },
    )  # fmt: skip
    first, *script = done.stdout.splitlines()
    assert first == "3 2 {'port': 1234, 'dashboard_address': '127.0.0.1:0'}"
    assert "#SBATCH --mem=5G" in script
    assert "#SBATCH --cpus-per-task=1" in script
    assert "--lifetime 1440s" in script[-2]  # 1800 - 180 - 120 - 60


@pytest.mark.parametrize("name", SYSTEMS)
def test_variables_are_taken_along(name, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", "/shared/my spectra")
    script = describe(name)["script"]
    assert "export DIPOLESCAN_SPECTRA=" in script
    assert "/shared/my spectra" in script
    assert "MALLOC_TRIM_THRESHOLD_" in script


def test_the_script_is_one_that_a_shell_takes(monkeypatch):
    """The worker's process gets the variables, quotes and all."""
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", '/shared/o\'my "spectra"')
    with dask.config.set({"jobqueue.slurm.python": "true"}):
        script = describe("slurm")["script"]
    code = 'python - <<E\nE\necho "$DIPOLESCAN_SPECTRA"; echo "$DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON"'
    done = subprocess.run(
        ["bash", "-c", script + code.partition("E\nE\n")[2]], capture_output=True, text=True
    )
    spectra, allocator = done.stdout.splitlines()
    assert spectra == '/shared/o\'my "spectra"'
    assert json.loads(allocator) == batch.ALLOCATOR
    variables = {"DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": allocator}
    read = dask.config.collect_env(variables)
    assert read["distributed"]["nanny"]["pre_spawn_environ"] == batch.ALLOCATOR


def test_a_lifetime_of_the_users_own():
    with dask.config.set({"jobqueue.slurm.worker-extra-args": ["--lifetime", "10m"]}):
        assert (
            "--nanny --death-timeout 60 --lifetime 10m --protocol" in describe("slurm")["command"]
        )
    with dask.config.set({"jobqueue.slurm.worker-extra-args": ["--resources", "a=1"]}):
        assert "--resources a=1 --lifetime 1620s" in describe("slurm")["command"]


@pytest.mark.parametrize("name", ["slurm", "pbs", "lsf"])
def test_no_walltime_no_lifetime(name):
    with dask.config.set({f"jobqueue.{name}.walltime": None}):
        assert "--lifetime" not in describe(name)["command"]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"jobqueue.slurm.walltime": "00:01:00"}, "walltime of 60 s is too short for one block of 60 s"),
        ({"jobqueue.slurm.walltime": "soon"}, "Slurm knows no walltime 'soon'"),
        ({"jobqueue.slurm.walltime": 5400}, "YAML has read the number 5400; write it in quotes"),
        ({"dipolescan.slurm.block-seconds": "long"}, r"block-seconds .* must be a number of seconds"),
        ({"dipolescan.slurm.margin": -1}, r"margin .* must be a number of seconds"),
        ({"dipolescan.slurm.maximum": "many"}, r"dipolescan\.slurm\.maximum .* whole number"),
        ({"dipolescan.slurm.minimum": 50}, "from 50 to 16 workers is no range"),
        ({"dipolescan.slurm.colour": "red"}, r"jobqueue\.slurm .* make no job .*colour"),
        ({"jobqueue.slurm.memory": "much"}, r"jobqueue\.slurm .* make no job"),
        ({"jobqueue.slurm.cores": "many"}, r"cores of slurm .* whole number"),
        ({"jobqueue.slurm.cores": 0}, r"cores of slurm .* whole number"),
        ({"jobqueue.slurm.cores": 2, "jobqueue.slurm.processes": 4}, r"more processes \(4\) than cores"),
    ],
)  # fmt: skip
def test_bad_options(options, match):
    with dask.config.set(options):
        refused(match)


def test_dask_jobqueue_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    refused(r"needs dask-jobqueue, .* pip install -c constraints.txt -e '.\[hpc\]'")


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_batch_system_here(name, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))
    with (
        pytest.raises(ClusterError, match=f"no command '{SUBMIT[name]}' here") as error,
        connect(name, 1),
    ):
        pytest.fail("connected")
    assert toys.one_sentence(str(error.value))


DOCUMENTED = re.findall(r"```yaml\n(.*?)```", (DOCS / "clusters.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", DOCUMENTED)
def test_documented_samples_make_jobs(text):
    """Each changes what is shown, so that no key is misspelt in silence."""
    sample = yaml.safe_load(text)
    sections = {n: s for top in ("jobqueue", "dipolescan") for n, s in sample.get(top, {}).items()}
    assert sections or "distributed" in sample
    for name in sections:
        for top in ("jobqueue", "dipolescan"):
            known = dask.config.get(f"{top}.{name}", {})
            given = {key.replace("_", "-") for key in sample.get(top, {}).get(name, {})}
            assert given <= known.keys()
        flat = {
            f"{top}.{name}.{k}": v for top in sample for k, v in sample[top].get(name, {}).items()
        }
        before = describe(name)
        with dask.config.set(flat):
            assert describe(name) != before


# ---- on the command line ---------------------------------------------------------------------


def test_list(cli):
    status, out, _ = cli("clusters", "list", "--json")
    assert status == 0
    assert [row["name"] for row in json.loads(out)] == ["htcondor", "local", "lsf", "pbs", "slurm"]
    assert "Slurm" in cli("clusters", "list")[1]


def test_show(cli):
    status, out, err = cli("clusters", "show", "slurm", "--workers", "2:6")
    assert (status, err) == (0, "")
    assert "slurm: submits 2 to 6 jobs to Slurm" in out
    assert describe("slurm")["script"] in out
    assert "starts 3 worker processes" in cli("clusters", "show", "local", "--workers", "3")[1]
    assert "joins the scheduler at tcp://h:1" in cli("clusters", "show", "tcp://h:1")[1]
    described = json.loads(cli("clusters", "show", "pbs", "--json")[1])
    assert described == describe("pbs")


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("show", "slurmy"), "unknown cluster 'slurmy'"),
        (("show", "slurm", "--workers", "9:2"), "from 9 to 2 workers is no range"),
        (("show", "slurm", "--workers", "few"), "write a number such as 8, or MIN:MAX"),
        (("show", "foo://h:1"), "Dask knows no protocol of 'foo://h:1'"),
    ],
)
def test_show_what_is_none(cli, words, match):
    status, out, err = cli("clusters", *words)
    assert (status, out) == (1, "")
    assert match in err
    assert toys.one_sentence(err.strip())


def test_help(cli):
    for words in ((), ("list",), ("show",)):
        status, out, _ = cli("clusters", *words, "--help")
        assert status == 0
        assert "Example" in out
