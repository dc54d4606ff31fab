"""``clusters show`` with settings of jobs: they are in the script, and what is told to be configured makes the same."""

import json
import re

import dask
import pytest
import toys

from schedulers.clusters.choice import backend_of, backends, describe
from schedulers.errors import ClusterError

SCRIPTS = {
    "slurm": ("-A hep", "-p short", "-t 1-02:03:00", "--cpus-per-task=4", "--mem=8G"),
    "pbs": ("-A hep", "-q short", "-l walltime=26:03:00", "ncpus=4:mem=8192MB"),
    "lsf": ('-P "hep"', "-q short", "-W 26:03", "-n 4"),
}
CHOSEN = {
    "walltime": 93780.0,
    "account": "hep",
    "partition": "short",
    "cores": 4,
    "memory": "8 GiB",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_settings_are_in_the_script(name):
    found = describe(name, settings=CHOSEN | {"interface": "ib0"})
    for words in SCRIPTS[name]:
        assert re.search(rf"^#\w+ .*{re.escape(words)}", found["script"], re.M), words
    assert "--nworkers 4" in found["command"]
    assert "--interface ib0" in found["command"]
    assert f"--lifetime {93780 - 60 - 60 - 60}s" in found["command"]


@pytest.mark.parametrize("name", [*SCRIPTS, "htcondor"])
def test_what_is_to_be_configured_makes_the_same_jobs(name):
    chosen = {k: v for k, v in CHOSEN.items() if name != "htcondor" or k != "partition"}
    found = describe(name, settings=chosen)
    keys = found.pop("configuration")
    assert describe(name) != found
    with dask.config.set(keys):
        assert describe(name) == found
    assert "configuration" not in describe(name)


def test_an_account_of_htcondor_is_a_directive_beside_others():
    with dask.config.set({"dipolescan.htcondor.job-extra-directives": {"+Flavour": '"long"'}}):
        found = describe("htcondor", settings={"account": "hep"})["script"]
    assert "accounting_group = hep" in found
    assert '+Flavour = "long"' in found


@pytest.mark.parametrize("name", [*SCRIPTS, "htcondor"])
def test_walltimes_are_read_back(name):
    backend = backend_of(name)
    for seconds in (60.0, 5400.0, 86400.0, 93780.0, 864000.0):
        assert backend.seconds(backend.written(seconds)) == seconds


def test_settings_that_there_are_not():
    with pytest.raises(ClusterError, match="jobs of HTCondor have no partition"):
        describe("htcondor", settings={"partition": "short"})
    with pytest.raises(ClusterError, match="LSF counts walltimes in minutes"):
        describe("lsf", settings={"walltime": 5401.0})
    for name in ("local", "tcp://h:1"):
        with pytest.raises(ClusterError, match="account: this is of the jobs of a batch system"):
            describe(name, settings={"account": "hep"})
    assert set(SCRIPTS) | {"htcondor", "local"} == set(backends())


def test_on_the_command_line(cli):
    settings = ("--walltime", "02:00:00", "--account", "hep", "--partition", "short")
    more = ("--cores", "2", "--memory", "4 GiB", "--interface", "ib0")
    status, out, err = cli("clusters", "show", "slurm", *settings, *more)
    assert (status, err) == (0, "")
    chosen = {"walltime": 7200.0, "account": "hep", "partition": "short", "cores": 2}
    expected = describe("slurm", settings=chosen | {"memory": "4 GiB", "interface": "ib0"})
    assert expected["script"] in out
    assert "    queue: short\n" in out.partition("~/.config/dask/dipolescan.yaml")[2]
    assert json.loads(cli("clusters", "show", "slurm", *settings, *more, "--json")[1]) == expected


@pytest.mark.parametrize(
    ("words", "status", "match"),
    [
        (("slurm", "--account", "hep\n#SBATCH --uid=0"), 2, "is no name"),
        (("slurm", "--partition", ""), 2, "is no name"),
        (("slurm", "--memory", "much"), 2, "is no amount of memory"),
        (("slurm", "--walltime", "2 hours"), 2, "[D-][HH:]MM:SS"),
        (("slurm", "--walltime", "30"), 1, "too short for one block"),
        (("slurm", "--cores", "0"), 2, "at least 1"),
        (("htcondor", "--partition", "short"), 1, "have no partition"),
        (("local", "--account", "hep"), 1, "local submits none"),
    ],
)
def test_settings_that_make_no_job(cli, words, status, match):
    found, out, err = cli("clusters", "show", *words)
    assert (found, out) == (status, "")
    assert match in err
    if status == 1:
        assert toys.one_sentence(err.strip())
