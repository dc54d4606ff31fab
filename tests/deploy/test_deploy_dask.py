"""The samples for Dask: read as they stand, they make the jobs that they describe."""

import os
import subprocess
import sys

import deployed
import pytest

FOLDER = deployed.DEPLOY / "dask"
BATCH = {
    "slurm": ["#SBATCH -p short", "#SBATCH -A hep", "#SBATCH --cpus-per-task=8", "#SBATCH -t 02:00:00"],
    "pbs": ["#PBS -q short", "#PBS -l select=1:ncpus=8:mem=16GB", "#PBS -l walltime=02:00:00"],
    "lsf": ["#BSUB -q short", "#BSUB -W 02:00", "#BSUB -n 8"],
    "htcondor": ["allowed_job_duration = 7200", 'MY.AccountingGroup = "group_u_hep"'],
}  # fmt: skip


def shown(cluster, path):
    """What ``dipolescan clusters show`` prints with a sample."""
    words = [sys.executable, "-m", "scanner", "clusters", "show", cluster]
    environment = os.environ | {"DASK_CONFIG": str(path), "PYTHONPATH": str(deployed.ROOT)}
    return deployed.checked(*words, env=environment)


@pytest.mark.parametrize("name", BATCH)
def test_jobs(name):
    text = shown(name, FOLDER / f"{name}.yaml")
    for line in (*BATCH[name], "source /shared/venv/bin/activate", "--lifetime 7020s"):
        assert line in text


def test_workers_of_this_machine():
    assert "starts 1 to 8 worker processes" in shown("local", FOLDER / "local.yaml")


def test_every_backend_has_one():
    from schedulers.clusters.choice import backends

    assert {p.stem for p in FOLDER.glob("*.yaml")} == {*backends(), "address"}


def test_keys_of_dask_exist():
    """Those of ``address.yaml`` are settings that Dask knows."""
    code = (
        "import dask, distributed, yaml, sys\n"
        "def leaves(d, at=''):\n"
        "    for k, v in d.items():\n"
        "        yield from leaves(v, f'{at}{k}.') if isinstance(v, dict) else [at + k]\n"
        "print([k for k in leaves(yaml.safe_load(open(sys.argv[1]))) if dask.config.get(k, 0) == 0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(FOLDER / "address.yaml")], capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr
