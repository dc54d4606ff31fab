"""A real Slurm on this machine: munged, slurmctld and slurmd with files and ports of their own."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

import toys
from waiting import PATIENCE

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "squeue", "sinfo")
CPUS = 4  # declared, whatever the machine has

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={root}/munge.socket
CredType=cred/munge
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=1,sched_interval=2,sched_min_interval=100000
ReturnToService=2
KillWait=5
MinJobAge=60
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=1:00:00 State=UP
"""


def missing():
    """Programs that are not installed, or why Slurm cannot run here."""
    absent = [p for p in PROGRAMS if shutil.which(p, path=_path()) is None]
    if absent:
        return f"{', '.join(absent)} not installed (apt-get install slurm-wlm munge)"
    if os.getuid():
        return "Slurm's daemons need root"
    return ""


def _path():
    return os.environ["PATH"] + os.pathsep + "/usr/sbin"


def cgroup_plugin():
    """The one that asks nothing of the machine: a container may have no control groups to write to."""
    words = subprocess.run(
        [shutil.which("slurmd", path=_path()), "-V"], capture_output=True, text=True
    )
    year, month = words.stdout.split()[-1].split(".")[:2]
    return "disabled" if (int(year), int(month)) >= (23, 11) else "cgroup/v1"


class OneNode:
    """The daemons, as children of this process."""

    def __init__(self, root: Path):
        self.root = root
        self.daemons = []
        self.environment = {"SLURM_CONF": str(root / "slurm.conf")}
        controller, node = toys.free_ports(2)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        host = socket.gethostname().split(".")[0]
        text = CONFIGURATION.format(
            host=host, controller=controller, node=node, root=root, cpus=CPUS, memory=memory
        )
        (root / "slurm.conf").write_text(text)
        (root / "cgroup.conf").write_text(f"CgroupPlugin={cgroup_plugin()}\n")
        for folder in ("state", "spool"):
            (root / folder).mkdir()
        key = root / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)

    def start(self):
        """Start all and wait until the node is idle."""
        root = self.root
        self._daemon(
            "munged", "--foreground", "--force", f"--socket={root}/munge.socket", f"--key-file={root}/munge.key",
            f"--pid-file={root}/munge.pid", f"--log-file={root}/munge.log", f"--seed-file={root}/munge.seed",
        )  # fmt: skip
        self._until(lambda: (root / "munge.socket").exists(), "munged does not start")
        self._daemon("slurmctld", "-D", "-i")
        self._daemon("slurmd", "-D")
        self._until(lambda: "idle" in self.command("sinfo", "-h", "-o", "%T"), "no node is idle")

    def stop(self):
        """Cancel what is left and end the daemons."""
        self.command("scancel", "--user=root")
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def command(self, *words):
        """What a program of Slurm prints."""
        done = subprocess.run(
            words, env=os.environ | self.environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    def status(self, *words):
        """Exit status of a program of Slurm."""
        return subprocess.run(
            words, env=os.environ | self.environment, capture_output=True
        ).returncode

    def jobs(self, *states):
        """Numbers of jobs that wait or run."""
        words = [f"--states={','.join(states)}"] if states else []
        return self.command("squeue", "--noheader", "--format=%A", *words).split()

    def _daemon(self, name, *words):
        with (self.root / f"{name}.out").open("wb") as out:
            program = shutil.which(name, path=_path())
            daemon = subprocess.Popen(
                [program, *words], stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=os.environ | self.environment
            )  # fmt: skip
        self.daemons.append(daemon)

    def _until(self, ready, problem):
        end = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > end or any(d.poll() is not None for d in self.daemons):
                logs = [
                    f"{p.name}: {p.read_text(errors='replace')[-600:]}"
                    for p in self.root.glob("*.out")
                ]
                raise RuntimeError("\n".join([problem, *logs]))
            time.sleep(0.1)
