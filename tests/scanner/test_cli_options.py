"""Every option of every command does something: the list of options is that of the commands themselves.

An option has here either a function that sees its effect in what the command prints, writes or asks for, or the name
of a test elsewhere that uses it. One that has neither fails, so that a new option cannot reach nothing.
"""

import ast
import io
import json
import math
import re
import shutil
import stat
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pytest
import toys
from approx import approx

import scanner
import scanner.cli.reproduce
import scanner.scans.foreground
import scanner.scans.submission
from physics.errors import InputError
from physics.models.checks import Check
from physics.spectra.generators import build as builder
from scanner.cli import main
from scanner.outputs.reproduce.base import Figure, Reproduction
from schedulers import inbox, lease
from schedulers.clusters.scale import Scale
from schedulers.errors import ClusterError
from schedulers.ledger import Ledger

TESTS = Path(__file__).parents[1]
ONE = ("--experiment", "FACET", "--flavor", "e")
CURVES = {
    "reach": ONE,
    "contour": ONE,
    "compare": ("--by", "experiment", "--flavor", "e"),
    "plot": ("--flavor", "e"),
}
# Words before, the option, and the critical signal without and with it: upper limits of 95% from 0 and 3 events are
# 3.00 and 7.75, of 90% from none 2.30 (PDG, Statistics, table 40.3), less the background; those with an uncertain
# background are of BEBC, as in tests/scanner/test_query.py.
POISSON = ("--method", "poisson")
BEBC = ("--method", "cls", "--background", "0.5", "--observed", "1")
LIMITS = {
    "--method": ((), POISSON, 3.0, -math.log(0.05)),
    "--events": ((), ("--events", "30"), 3.0, 30.0),
    "--confidence-level": (POISSON, ("--confidence-level", "0.9"), -math.log(0.05), math.log(10)),
    "--parameter": (BEBC, ("--parameter", "background_uncertainty=0.1"), 4.3581, 4.3641),
    "--background": ((*POISSON, "--observed", "3"), ("--background", "2"), 7.7537, 5.7537),
    "--observed": ((*POISSON, "--background", "0.5"), ("--observed", "3"), 2.4957, 7.2537),
    "--exposure": ((), ("--exposure", "1500"), 3.0, 3.0),
}


def commands():
    """Every command, subcommands included."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", each) for sub, each in command.commands.items())
        else:
            yield name, command


def options():
    """Every option of every command; of a switch both of its names."""
    for name, command in commands():
        for option in command.params:
            if isinstance(option, click.Option):
                for word in (max(option.opts, key=len), *option.secondary_opts):
                    yield f"{name} {word}"


class Bench:
    """What an effect is seen with: the command in this process, a small cube, and an empty folder."""

    def __init__(self, cli, cube, folder, monkeypatch):
        self.cli, self.cube, self.folder, self.patch = cli, cube, folder, monkeypatch
        self.spec = toys.write_spec(folder / "small.yaml", toys.SMALL)
        self.queue = folder / "queue"
        self.asked = []

    def out(self, *words):
        """What a command prints that succeeds."""
        status, out, err = self.cli(*words)
        assert status == 0, err
        return out

    def data(self, *words):
        return json.loads(self.out(*words, "--json"))

    def refused(self, *words):
        """What a command says that fails."""
        status, out, err = self.cli(*words)
        assert (status, out.strip()) == (1, "")  # older click ends the line of a prompt
        return err

    def make_queue(self, home, *ids):
        """A queue without a service, with scans that are done."""
        inbox.make_folders(home)
        with closing(Ledger(home / "ledger.sqlite", writable=True, create=True)) as ledger:
            lease.acquire(ledger)
            for id in ids:
                now = time.time()
                ledger.add(
                    "ada", id=id, name="a scan", uid=1000, owner="ada", priority=0, state="done", spec="{}",
                    store=f"/stores/{id}.zarr", submitted=now, started=now, finished=now,
                )  # fmt: skip
            ledger.release()
        return home

    def requests(self, home=None):
        """What waits in the inbox."""
        found = [json.loads(p.read_text()) for p in ((home or self.queue) / "inbox").glob("*.json")]
        return {(r["request"], r["id"]): r for r in found}

    def no_cluster(self):
        """What a run asks a cluster for; it is refused."""

        def connect(cluster, workers, **about):
            self.asked.append((cluster, workers))
            raise ClusterError("none in this test")

        self.patch.setattr("schedulers.clusters.choice.connect", connect)

    def stops(self, module):
        """With what a command makes its stop."""
        real = module.Stop

        def make(*words):
            self.asked.append(words)
            return real(*words)

        self.patch.setattr(module, "Stop", make)

    def served(self, *words):
        """What ``serve`` gives to the engine, and what is noted of its page meanwhile."""
        import scanner.cli.serve

        found = SimpleNamespace(page="")

        def drive(service, connect, stop):
            about = service.home / "runner.json"
            found.page = json.loads(about.read_text())["page"] if about.exists() else ""
            found.service, found.connect, found.stop = service, connect, stop
            found.ended, found.modes = service.ended(), (service.home / "inbox").stat().st_mode

        self.patch.setattr(scanner.cli.serve, "drive", drive)
        if "--queue" not in words:
            words = ("--queue", self.queue, *words)
        if "--http" not in words:
            words = (*words, "--http", "off")
        status, _, found.err = self.cli("serve", *words)
        assert status == 0, found.err
        return found

    def reproduced(self, *words):
        """With what ``reproduce`` makes a figure, and runs its scan."""

        def make(folder, scan):
            self.asked.append((folder, scan("quickstart", (), "A b")))
            return Reproduction([folder / "x.csv"])

        def run(spec, path, cluster, workers, progress, say):
            self.asked.append((spec.name, path, cluster, workers))
            return SimpleNamespace(asked_to_stop="")

        self.patch.setattr(scanner.cli.reproduce, "figures", {"1:a": Figure("1:a", "Title", make)})
        self.patch.setattr(scanner.cli.reproduce, "run", run)
        self.asked.clear()
        out = self.out("reproduce", "1:a", *words)
        (_, path, cluster, workers), (folder, _) = self.asked
        return SimpleNamespace(out=out, path=path, cluster=cluster, workers=workers, folder=folder)


@pytest.fixture
def bench(cli, small, spectra, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "not-this-one"))
    return Bench(cli, small, tmp_path, monkeypatch)


# ---- options of limits -----------------------------------------------------------------------


def limit_in_numbers(command, option, b):
    before, words, without, with_it = LIMITS[option]
    first, second = (
        b.data(command, b.cube, *CURVES[command], *before, *more) for more in ((), words)
    )
    first, second = (found.get("curves", [found]) for found in (first, second))
    assert len(first) == len(second) == (2 if command == "compare" else 1)
    for plain, found in zip(first, second, strict=True):
        assert plain["level"] == approx(without, rel=2e-5)
        assert found["level"] == approx(with_it, rel=2e-5)
        # 3000 events/fb are the exposure of both searches
        ratio = 0.5 if option == "--exposure" else 1.0
        assert found["maximum"] == approx(ratio * plain["maximum"], rel=1e-12)


def limit_in_a_figure(option, b):
    """What is drawn are the lines of ``compare``, whose numbers are checked; with one panel and with several."""
    before, words, *_ = LIMITS[option]
    one, several = [], []
    b.patch.setattr("scanner.cli.plot.save_figure", lambda figure, _: several.append(lines(figure)))
    b.patch.setattr(
        "scanner.outputs.plots.save_figure", lambda figure, _: one.append(lines(figure))
    )
    for more in ((), words):
        chosen = ("--by", "experiment", "--flavor", "e", *before, *more)
        b.out("compare", b.cube, *chosen, "-o", "x.svg")
        b.out("plot", b.cube, *chosen[2:], "-o", "x.svg")
        assert several.pop() == one[-1]
    assert len(one) == 2
    assert one[0] != one[1]
    b.out("plot", b.cube, *before, *words, "-o", "x.svg")
    (both,) = several
    assert both[: len(one[1])] == one[1]
    assert len(both) > len(one[1])


def lines(figure):
    """Every line of a figure, panel by panel."""
    return [line.get_xydata().tolist() for axes in figure.axes for line in axes.get_lines()]


# ---- options of curves -----------------------------------------------------------------------


def channel(command, b):
    counts = scanner.open_cube(b.cube)["counts"].sel(
        experiment="FACET", flavor="e", generator="toy"
    )
    for chosen in (["eta"], ["eta", "J_psi"]):
        words = [w for c in chosen for w in ("--channel", c)]
        found = b.data(command, b.cube, *ONE, *words)
        most = float(counts.sel(channel=chosen).sum("channel").max())
        assert found["maximum"] == approx(most, rel=1e-12)
        assert found["maximum"] < b.data(command, b.cube, *ONE)["maximum"]


def compared_by(b):
    for by, rest in (("experiment", ONE[2:]), ("flavor", ONE[:2]), ("channel", ONE)):
        found = b.data("compare", b.cube, "--by", by, *rest)
        labels = np.atleast_1d(scanner.open_cube(b.cube)[by].values).tolist()
        every = ["all channels", *labels] if by == "channel" else labels
        assert (found["by"], [c["label"] for c in found["curves"]]) == (by, every)


def compared_only(b):
    words = ("compare", b.cube, "--by", "channel", *ONE, "--only", "eta", "--only", "pi")
    assert [c["label"] for c in b.data(*words)["curves"]] == ["all channels", "eta", "pi"]


# ---- JSON ------------------------------------------------------------------------------------

PRINTED = {
    "calc": ("width", "m_N=1", "d_gamma=1"),
    "check": ("FASER2",),
    "clusters list": (),
    "clusters show": ("local",),
    "info": ("CUBE",),
    "list": ("methods",),
    "plan": ("SPEC",),
    "verify": ("CUBE", "--no-mark"),
    "run": ("SPEC", "--store", "COPY", "--no-summary"),
    "status": ("--queue", "QUEUE"),
    "watch": ("good", "--queue", "QUEUE"),
    "submit": ("SPEC", "--queue", "QUEUE"),
    "remove": ("good", "--queue", "QUEUE"),
    **dict.fromkeys(("cancel", "resume", "retry"), ("good", "--queue", "QUEUE")),
    **{name: ("CUBE", *words) for name, words in CURVES.items() if name != "plot"},
}


def strict(text):
    """JSON as the standard has it, without NaN and Infinity."""

    def refuse(word):
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


def as_json(command, b):
    words = PRINTED[command]
    if "QUEUE" in words:
        b.make_queue(b.queue, "good")
    if "COPY" in words:
        shutil.copytree(b.cube, b.folder / "copy.zarr")
    places = {"CUBE": b.cube, "SPEC": b.spec, "COPY": b.folder / "copy.zarr", "QUEUE": b.queue}
    words = (*command.split(), *(places.get(w, w) for w in words))
    assert strict(b.out(*words, "--json"))
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        json.loads(b.out(*words))


def a_check_that_fails(b):
    """The exit status is 1 with and without --json, and the data tell which does not hold."""
    as_json("check", b)
    assert all(c["passed"] for c in b.data("check", "FASER2"))
    fails = Check("counts are proportional", False, "2 where 1 was expected")
    holds = Check("counts are finite", True, "")
    b.patch.setattr("scanner.cli.check.check_experiment", lambda *_: [holds, fails])
    for words in ((), ("--json",)):
        status, out, err = b.cli("check", "FASER2", *words)
        assert status == 1
        assert "not true that counts are proportional (2 where 1 was expected)" in err
    assert [c["passed"] for c in strict(out)][:2] == [True, False]
    out = b.cli("check", "FASER2")[1]
    assert re.search(r"counts are finite +holds", out)
    assert re.search(r"counts are proportional +FAILS +2 where 1 was expected", out)


# ---- plan and run ----------------------------------------------------------------------------


def workers_of_a_plan(b):
    for workers in (1, 2):
        found = b.data("plan", b.spec, "--workers", workers)
        assert found["workers"] == workers
        assert found["seconds"] == approx(found["cpu_seconds"] / workers, rel=1e-12)


def cluster_of_a_run(b):
    b.no_cluster()
    assert "none in this test" in b.refused("run", b.spec, "--cluster", "local")
    b.refused("run", b.spec, "--cluster", "slurm")
    assert b.asked == [("local", None), ("slurm", None)]


def workers_of_a_run(b):
    b.no_cluster()
    b.refused("run", b.spec, "--workers", "3")
    b.refused("run", b.spec, "--workers", "2:40")
    assert b.asked == [("local", Scale(3, 3)), ("local", Scale(2, 40))]


def summary_of_a_run(word, written, b):
    """Of a store that is complete, so that no cluster is needed."""
    store = b.folder / "copy.zarr"
    shutil.copytree(b.cube, store)
    found = b.data("run", b.spec, "--store", store, word)
    assert found["reach"]
    assert (len(found["files"]), store.with_suffix("").exists()) == (9 * written, written)
    assert all(Path(name).stat().st_size for name in found["files"])


# [D-][HH:]MM:SS or seconds
TIMES = {"90": 90.0, "0.5": 0.5, "02:03": 123.0, "11:50:00": 42600.0, "1-02:03:04": 93784.0}


def walltime_of_a_run(b):
    b.no_cluster()
    b.stops(scanner.scans.foreground)
    for text in TIMES:
        b.cli("run", b.spec, "--walltime", text, "--cluster", "local")
    assert [words for words in b.asked if words != ("local", None)] == [
        (s,) for s in TIMES.values()
    ]


def very_large(b):
    """The scan of this module counts as very large now."""
    b.patch.setattr(scanner.scans.submission, "LARGE_POINTS", 10)


def run_unasked(b):
    """Nothing is begun without --yes or a yes; a terminal is asked."""
    very_large(b)
    b.no_cluster()
    assert "add --yes if it is wanted" in b.refused("run", b.spec)
    b.patch.setattr(sys, "stdin", Terminal("n\n"))
    assert "nothing was started" in b.refused("run", b.spec)
    assert b.asked == []
    b.patch.setattr(sys, "stdin", Terminal("y\n"))
    assert "Go on?" in b.refused("run", b.spec, "--cluster", "local")
    assert b.asked == [("local", None)]
    b.patch.setattr(sys, "stdin", Terminal(""))
    b.refused("run", b.spec, "--yes", "--cluster", "local")
    assert b.asked == [("local", None)] * 2


class Terminal(io.StringIO):
    """Somebody types this."""

    def isatty(self):
        return True


# ---- the queue -------------------------------------------------------------------------------


def queue_of_a_request(command, b):
    """The folder that is named, not that of the environment."""
    home = b.make_queue(b.folder / "other", "good")
    b.out(command, "good", "--queue", home)
    assert set(b.requests(home)) == {(command, "good")}
    assert not (b.folder / "not-this-one").exists()


def queue_of_a_submission(b):
    id = b.out("submit", b.spec, "--queue", b.queue).strip()
    assert set(b.requests()) == {("submit", id)}
    assert not (b.folder / "not-this-one").exists()


def queue_that_is_shown(b):
    home = b.make_queue(b.folder / "other", "good")
    assert "good" in b.out("status", "--queue", home)
    assert "there is no queue" in b.refused("status")


def queue_that_is_watched(b):
    home = b.make_queue(b.folder / "other", "good")
    assert b.out("watch", "good", "--queue", home).startswith("good: done")
    assert "there is no queue" in b.refused("watch", "good")


def everything_in_a_queue(b):
    ids = {f"good-{i:02d}" for i in range(12)}
    b.make_queue(b.queue, *ids)
    few = {s["id"] for s in b.data("status", "--queue", b.queue)["scans"]}
    assert few < ids
    assert {s["id"] for s in b.data("status", "--queue", b.queue, "--all")["scans"]} == ids
    assert all(id in b.out("status", "--queue", b.queue, "--all") for id in ids)


def submitted(b, *words):
    id = b.out("submit", b.spec, "--queue", b.queue, *words).strip()
    return b.requests()["submit", id]


def priority_of_a_submission(b):
    assert submitted(b)["priority"] == 0
    assert submitted(b, "--priority", 7)["priority"] == 7


def store_of_a_submission(b):
    assert "store" not in submitted(b)
    assert submitted(b, "--store", "x.zarr")["store"] == str(b.folder / "x.zarr")


def changes_of_a_submission(b):
    assert submitted(b)["spec"]["sampling"]["seed"] != 77
    assert submitted(b, "--set", "sampling.seed=77")["spec"]["sampling"]["seed"] == 77


def submitted_unasked(b):
    very_large(b)
    assert "add --yes if it is wanted" in b.refused("submit", b.spec, "--queue", b.queue)
    assert not b.queue.exists()
    assert submitted(b, "--yes")["confirmed"] is True


def submission_as_json(b):
    as_json("submit", b)
    found = b.data("submit", b.spec, "--queue", b.queue)
    assert found["queue"] == str(b.queue)
    assert ("submit", found["id"]) in b.requests()
    # searches, flavors, masses, channels, couplings
    assert found["points"] == b.data("plan", b.spec)["points"] == 2 * 2 * 9 * 13 * 41


def counts_are_removed(b):
    b.make_queue(b.queue, "good", "other")
    b.out("remove", "good", "--queue", b.queue, "--yes")
    b.out("remove", "other", "--queue", b.queue, "--store", "--yes")
    found = {id: r["store"] for (_, id), r in b.requests().items()}
    assert found == {"good": False, "other": True}


def counts_are_not_removed_unasked(b):
    b.make_queue(b.queue, "good")
    words = ("remove", "good", "--queue", b.queue, "--store")
    b.patch.setattr(sys, "stdin", Terminal("n\n"))
    status, out, err = b.cli(*words)
    assert (status, out.strip()) == (130, "")
    assert "Remove the counts of good?" in err
    assert b.requests() == {}
    b.patch.setattr(sys, "stdin", Terminal("y\n"))
    b.out(*words)
    b.patch.setattr(sys, "stdin", Terminal(""))
    b.out(*words, "--yes")
    written = [json.loads(p.read_text()) for p in (b.queue / "inbox").glob("remove-*.json")]
    assert [r["store"] for r in written] == [True, True]


# ---- serve -----------------------------------------------------------------------------------


def queue_that_is_served(b):
    assert b.served("--queue", b.folder / "mine").service.home == b.folder / "mine"
    assert not (b.folder / "not-this-one").exists()


def cluster_that_serves(b):
    assert b.served().connect.args[:2] == ("local", None)
    assert b.served("--cluster", "slurm").connect.args[:2] == ("slurm", None)


def workers_that_serve(b):
    assert b.served("--workers", "2:5").connect.args[:2] == ("local", Scale(2, 5))


def walltime_of_a_service(b):
    import scanner.cli.serve

    b.stops(scanner.cli.serve)
    for text in TIMES:
        b.served("--walltime", text)
    assert [seconds for seconds, _ in b.asked] == list(TIMES.values())


def grace_of_a_service(b):
    assert b.served("--grace", 7).stop.grace == 7.0
    assert b.served().stop.grace == 20.0


def a_shared_queue(b):
    assert stat.S_IMODE(b.served("--queue", b.folder / "mine").modes) == 0o700
    assert stat.S_IMODE(b.served("--queue", b.folder / "ours", "--shared").modes) == 0o1777


def ends_when_empty(b):
    assert not b.served().ended
    assert b.served("--until-empty").ended


def idle_seconds_of_a_service(b):
    assert b.served("--idle", 3).service.idle_seconds == 3.0
    assert b.served().service.idle_seconds > 3.0


def page_of_a_service(b):
    (port,) = toys.free_ports(1)
    assert b.served("--http", port).page == f"http://127.0.0.1:{port}/"
    assert b.served("--http", f"localhost:{port}").page == f"http://localhost:{port}/"
    assert b.served("--http", "off").page == ""


def log_of_a_service(b):
    lines = b.served("--log-format", "json").err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["serving", "stopped"]
    lines = b.served().err.splitlines()
    assert len(lines) == 2
    assert not any(line.startswith("{") for line in lines)


# ---- reproduce and spectra -------------------------------------------------------------------


def folder_of_a_figure(b):
    assert b.reproduced().folder == Path("results/1")
    found = b.reproduced("-o", "figures")
    assert found.folder == Path("figures/1")
    assert found.path == Path("figures/1/quickstart-a-b.zarr")


def cluster_of_a_figure(b):
    assert b.reproduced().cluster is None
    assert b.reproduced("--cluster", "slurm").cluster == "slurm"


def workers_of_a_figure(b):
    assert b.reproduced().workers is None
    assert b.reproduced("--workers", 3).workers == 3


def figure_as_json(b):
    assert "Title" in b.reproduced().out
    assert json.loads(b.reproduced("--json").out)["1:a"]["files"] == ["results/1/x.csv"]


def beam_of_a_build(b):
    def build(beam, generator, out, sqrt_s, *words, **more):
        b.asked.append((beam, sqrt_s))
        raise RuntimeError("none in this test")

    b.patch.setattr(builder, "build_set", build)
    b.refused("spectra", "build", "--generator", "x")
    b.refused("spectra", "build", "--generator", "x", "--beam", "sps-400gev")
    (lhc, energy), (sps, lower) = b.asked
    assert (lhc, energy, sps) == ("lhc-14tev", 14000.0, "sps-400gev")
    m = 0.93827208816  # GeV, of a proton at rest
    assert lower == approx(math.sqrt(2 * m * (m + math.hypot(400, m))), rel=1e-8)


def beam_of_an_import(b):
    (b.folder / "x").mkdir()
    angles, momenta = np.arange(-0.125, 0.2, 0.05), np.arange(1.825, 2.2, 0.05)
    rows = "\n".join(f"{t:.5e} {p:.5e} 1.0" for t in angles for p in momenta)
    (b.folder / "x" / "x_14TeV_221.txt").write_text(rows)
    words = ("spectra", "import", b.folder / "x", "--out", b.folder, "--name", "mine")
    assert b.data(*words)["beam"] == "lhc-14tev"
    assert "has 13.6 TeV; give --beam lhc-14tev" in b.refused(*words, "--beam", "lhc-13.6tev")
    assert "sps-400gev is one on a fixed target" in b.refused(*words, "--beam", "sps-400gev")
    (b.folder / "x" / "x_14TeV_221.txt").rename(b.folder / "x" / "x_221.txt")
    assert b.data(*words, "--beam", "lhc-13.6tev")["beam"] == "lhc-13.6tev"
    assert (b.folder / "lhc-13.6tev" / "mine").is_dir()


CLI, SPECTRA = "scanner/test_cli.py", "scanner/test_cli_spectra.py"
FLUX = "scanner/test_cli_flux.py"
W_BOSONS = "scanner/test_cli_w_bosons.py"
NOTIFY = "scanner/test_notify.py"
CITATIONS = "scanner/test_citations.py"
PICTURES = "scanner/test_picture_options.py"
COMBINING = (
    "--experiment",
    "--how",
    "--method",
    "--confidence-level",
    "--events",
    "--parameter",
    "--background",
    "--observed",
    "--exposure",
    "--background-uncertainty",
    "--correlated",
    "--calculation",
    "--toys",
    "--seed",
    "--channel",
    "--workspace",
    "--at",
    "--output",
    "--json",
)
EFFECTS = {
    **{
        f"{command} {option}": partial(limit_in_numbers, command, option)
        for command in ("reach", "contour", "compare")
        for option in LIMITS
    },
    **{f"plot {option}": partial(limit_in_a_figure, option) for option in LIMITS},
    **{f"{command} --json": partial(as_json, command) for command in PRINTED},
    **{
        f"{command} --queue": partial(queue_of_a_request, command)
        for command in ("cancel", "resume", "retry", "remove")
    },
    **{
        f"archive {option}": "scanner/test_archive.py::test_what_was_written_is_said"
        for option in ("--output", "--json")
    },
    "check --json": a_check_that_fails,
    "cite --experiment": f"{CITATIONS}::test_cite_a_part",
    "cite --json": f"{CITATIONS}::test_cite",
    "cite --limits": f"{CITATIONS}::test_cite_a_part",
    "cite --method": f"{CITATIONS}::test_cite_a_part",
    "cite --output": f"{CITATIONS}::test_cite",
    "clusters show --workers": "schedulers/test_batch.py::test_show",
    **{
        f"clusters show {option}": "schedulers/test_job_settings.py::test_on_the_command_line"
        for option in (
            "--walltime",
            "--account",
            "--partition",
            "--cores",
            "--memory",
            "--interface",
        )
    },
    **{
        f"combine {option}": "scanner/test_cli_combine.py::test_each_option_of_a_combination"
        for option in COMBINING
    },
    "compare --by": compared_by,
    **{
        f"{command} --hepdata": "scanner/test_hepdata.py::test_on_the_command_line"
        for command in ("contour", "reach", "compare")
    },
    **{
        f"{command} --units": "scanner/test_units.py::test_on_the_command_line"
        for command in ("contour", "reach", "compare", "plot", "query")
    },
    **{
        f"{command} {option}": "scanner/test_curves.py::test_on_the_command_line"
        for command in ("plot", "compare")
        for option in ("--limit", "--limit-units")
    },
    **{
        f"{command} {option}": "scanner/test_bands.py::test_on_the_command_line"
        for command in ("reach", "contour", "compare", "plot", "query")
        for option in ("--band", "--background-uncertainty")
    },
    **{
        f"{command} --with": "scanner/test_bands.py::test_stores_together_have_an_envelope"
        for command in ("reach", "contour")
    },
    **{
        f"{command} {option}": f"{PICTURES}::test_each_command_that_draws_has_a_width_and_a_style"
        for command in ("plot", "compare", "contour", "combine")
        for option in ("--width", "--style")
    },
    **{
        f"{command} --in-front": f"{PICTURES}::test_curves_of_files_in_front"
        for command in ("plot", "compare")
    },
    **{
        f"reproduce {option}": f"{PICTURES}::test_figures_of_papers_have_a_width"
        for option in ("--width", "--style")
    },
    "compare --metrics": "scanner/test_metrics.py::test_on_the_command_line",
    "compare --only": compared_only,
    "compare --output": f"{CLI}::test_compare",
    "contour --channel": partial(channel, "contour"),
    "contour --output": f"{CLI}::test_contour",
    **{
        f"explore {option}": "scanner/test_explorer_page.py::test_on_the_command_line"
        for option in ("--host", "--port", "--browser", "--view", "--output")
    },
    **{
        f"flux import {option}": f"{FLUX}::test_each_option_of_an_import"
        for option in (
            "--place",
            "--name",
            "--layout",
            "--content",
            "--per",
            "--through",
            "--energy-units",
            "--exposure",
            "--exposure-units",
            "--edges",
            "--species",
            "--centre",
            "--source",
            "--out",
            "--json",
        )
    },
    **{
        f"flux build {option}": f"{FLUX}::test_each_option_of_a_build"
        for option in (
            "--place",
            "--generator",
            "--decay-length",
            "--normalisation",
            "--points",
            "--seed",
            "--hadron",
            "--name",
            "--out",
            "--json",
        )
    },
    "flux list --json": f"{FLUX}::test_list_and_verify",
    "flux list --verify": f"{FLUX}::test_list_and_verify",
    "flux show --json": f"{FLUX}::test_show_numbers_and_a_figure",
    "flux show --output": f"{FLUX}::test_show_numbers_and_a_figure",
    **{
        f"w-bosons build {option}": f"{W_BOSONS}::test_each_option_of_a_build"
        for option in (
            "--collider",
            "--recipe",
            "--events",
            "--seed",
            "--jobs",
            "--out",
            "--json",
        )
    },
    "w-bosons list --json": f"{W_BOSONS}::test_list_and_verify",
    "w-bosons list --verify": f"{W_BOSONS}::test_list_and_verify",
    "w-bosons show --json": f"{W_BOSONS}::test_show",
    "logs --json": "scanner/test_queue_logs.py::test_lines_of_a_scan_that_is_served",
    "logs --queue": "scanner/test_queue_logs.py::test_lines_of_a_scan_that_is_served",
    "plan --set": f"{CLI}::test_plan",
    "plan --workers": workers_of_a_plan,
    "plot --output": f"{CLI}::test_plot",
    **{
        f"stores {option}": "scanner/test_together.py::test_each_option_of_the_list"
        for option in (
            "--model",
            "--experiment",
            "--axis",
            "--complete",
            "--incomplete",
            "--fingerprint",
            "--since",
            "--json",
        )
    },
    "compare --published": "scanner/test_metrics.py::test_on_the_command_line",
    "compare --with": "scanner/test_together.py::test_compare_with_another_store",
    **{
        f"query {option}": "scanner/test_cli_query.py::test_each_option_of_a_query"
        for option in (*LIMITS, "--channel", "--find", "--json", "--output")
    },
    "reach --channel": partial(channel, "reach"),
    "reach --output": f"{CLI}::test_reach",
    "remove --store": counts_are_removed,
    "remove --yes": counts_are_not_removed_unasked,
    "reproduce --cluster": cluster_of_a_figure,
    "reproduce --json": figure_as_json,
    "reproduce --output": folder_of_a_figure,
    "reproduce --workers": workers_of_a_figure,
    **{
        f"landscape {option}": "scanner/test_landscape.py::test_the_command"
        for option in (
            *("--flavor", "--store", "--set", "--width", "--output", "--table"),
            *("--no-compute", "--json"),
        )
    },
    **{
        f"landscape {option}": "scanner/test_landscape.py::test_options_of_the_scan"
        for option in ("--a", "--add", "--cluster", "--workers", "--walltime", "--compute")
    },
    "run --cluster": cluster_of_a_run,
    "run --notify": f"{NOTIFY}::run",
    "run --no-summary": partial(summary_of_a_run, "--no-summary", False),
    "run --set": f"{CLI}::test_run_that_cannot",
    "run --store": f"{CLI}::test_progress_is_on_stderr",
    "run --summary": partial(summary_of_a_run, "--summary", True),
    "run --walltime": walltime_of_a_run,
    "run --workers": workers_of_a_run,
    "run --yes": run_unasked,
    "serve --allow-commands": f"{NOTIFY}::test_a_scan_of_the_queue",
    "serve --cluster": cluster_that_serves,
    "serve --grace": grace_of_a_service,
    "serve --http": page_of_a_service,
    "serve --idle": idle_seconds_of_a_service,
    "serve --log-format": log_of_a_service,
    "serve --queue": queue_that_is_served,
    "serve --shared": a_shared_queue,
    "serve --until-empty": ends_when_empty,
    "serve --walltime": walltime_of_a_service,
    "serve --workers": workers_that_serve,
    "spectra build --beam": beam_of_a_build,
    **{
        f"spectra build {option}": f"{SPECTRA}::test_build"
        for option in ("--generator", "--events", "--seed", "--jobs", "--out", "--json")
    },
    "spectra import --beam": beam_of_an_import,
    "spectra import --json": f"{SPECTRA}::test_import_elsewhere_as_json",
    "spectra import --name": f"{SPECTRA}::test_import_elsewhere_as_json",
    "spectra import --negative": f"{SPECTRA}::test_import_options",
    "spectra import --out": f"{SPECTRA}::test_import_elsewhere_as_json",
    "spectra import --prefix": f"{SPECTRA}::test_import_of_several_generators",
    "spectra import --skip-empty": f"{SPECTRA}::test_import_options",
    "spectra import --verbose": f"{SPECTRA}::test_files_that_were_not_used_do_not_drown_the_result",
    "spectra list --json": f"{SPECTRA}::test_list",
    "spectra list --verify": f"{SPECTRA}::test_list_verify",
    "spectra show --json": f"{SPECTRA}::test_show_numbers",
    "spectra show --output": f"{SPECTRA}::test_show_figure",
    "status --all": everything_in_a_queue,
    "status --queue": queue_that_is_shown,
    "submit --json": submission_as_json,
    "submit --notify": f"{NOTIFY}::test_submitted",
    "submit --priority": priority_of_a_submission,
    "submit --queue": queue_of_a_submission,
    "submit --set": changes_of_a_submission,
    "submit --store": store_of_a_submission,
    "submit --yes": submitted_unasked,
    "verify --mark": f"{CLI}::test_verify_records_only_if_it_may",
    "verify --no-mark": f"{CLI}::test_verify_records_only_if_it_may",
    "watch --queue": queue_that_is_watched,
}


def uses(name, words):
    """Whether a test is there and writes one of these words."""
    path, _, function = name.partition("::")
    text = (TESTS / path).read_text()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            parts = [ast.get_source_segment(text, p) or "" for p in (node, *node.decorator_list)]
            return any(f'"{word}"' in part for word in words for part in parts)
    return False


@pytest.mark.parametrize("option", list(options()))
def test_an_option_has_an_effect(bench, option):
    effect = EFFECTS.get(option)
    assert effect is not None, f"no test sees the effect of {option}"
    if isinstance(effect, str):
        word = option.split()[-1]
        assert uses(effect, {word, "-o"} if word == "--output" else {word}), f"not in {effect}"
    else:
        effect(bench)


def test_no_effect_is_of_an_option_that_is_gone():
    assert set(EFFECTS) <= set(options())


def test_a_name_of_no_test_is_noticed():
    assert not uses(f"{CLI}::test_nothing", {"--json"})
    assert not uses(f"{CLI}::test_plan", {"--nothing"})
    assert uses(f"{CLI}::test_plan", {"--workers"})


def test_cubes_are_what_the_effects_assume(small):
    """3000/fb in both searches, no background, nothing observed: else the numbers above are others."""
    ds = scanner.open_cube(small)
    assert ds["exposure"].values.tolist() == [3000.0, 3000.0]
    assert ds["background"].values.tolist() == ds["observed"].values.tolist() == [0.0, 0.0]
    with pytest.raises(InputError):
        ds.scan.reach().to_xarray()
