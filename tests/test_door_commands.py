"""Python has all that the command line has: each command, and each kind of list, has a name behind the door."""

import inspect

import click
import dipolescan
import pytest

from scanner.cli import main
from scanner.cli.list import KINDS
from scanner.outputs.accessor import ScanAccessor
from schedulers import inbox, lease
from schedulers.ledger import Ledger

# Command to names of the door; with a dot it is of ``ds.scan``.
COMMANDS = {
    "archive": ("archive",),
    "calc": ("calc", "quantities"),
    "cancel": ("cancel",),
    "check": ("check",),
    "cite": ("cite",),
    "clusters list": ("clusters",),
    "clusters show": ("show_cluster",),
    "combine": (".combine",),
    "compare": (".compare",),
    "contour": (".contour",),
    "explore": ("explore",),
    "flux list": ("fluxes",),
    "flux show": ("flux",),
    "info": ("info",),
    "landscape": ("landscape",),
    "list": ("experiments", "models"),  # and what is in LISTS
    "logs": ("logs",),
    "plan": ("plan",),
    "plot": (".plot",),
    "query": (".value", ".find"),
    "reach": (".reach",),
    "remove": ("remove",),
    "reproduce": ("reproduce",),
    "resume": ("resume",),
    "retry": ("retry",),
    "run": ("run",),
    "spectra list": ("spectra",),
    "spectra show": ("spectrum",),
    "status": ("status",),
    "stores": ("catalogue", "open_cubes"),
    "submit": ("submit",),
    "verify": ("verify",),
    "w-bosons list": ("w_sets",),
    "w-bosons show": ("w_bosons",),
    "watch": ("watch",),
}
EXCEPTIONS = {
    "serve": "a process of its own, which lives as long as the queue",
    "flux build": "makes tables once, from a command line that is kept in them",
    "flux import": "makes tables once, from a command line that is kept in them",
    "w-bosons build": "makes tables once, from a command line that is kept in them",
    "spectra build": "makes tables once, from a command line that is kept in them",
    "spectra import": "makes tables once, from a command line that is kept in them",
}
LISTS = {
    "beams": "beams",
    "channels": "channels",
    "clusters": "clusters",
    "experiments": "experiments",
    "figures": "papers",
    "flavors": "flavors",
    "fluxes": "fluxes",
    "kinds": "kinds",
    "limits": "published_limits",
    "methods": "limit_methods",
    "models": "models",
    "quantities": "quantities",
    "specs": "bundled_specs",
    "spectra": "spectra",
}


def commands():
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {sub}" for sub in command.commands)
        else:
            yield name


def test_no_command_is_forgotten():
    """A new command gets its function in the door and its line in COMMANDS, or a reason in EXCEPTIONS."""
    assert set(COMMANDS) | set(EXCEPTIONS) == set(commands())
    assert not set(COMMANDS) & set(EXCEPTIONS)
    assert all(EXCEPTIONS.values())
    assert set(LISTS) == set(KINDS)


@pytest.mark.parametrize(
    "name", sorted({n for names in COMMANDS.values() for n in names} | set(LISTS.values()))
)
def test_each_is_there(name):
    if name.startswith("."):
        assert callable(getattr(ScanAccessor, name[1:]))
    else:
        assert name in dipolescan.__all__
        assert callable(getattr(dipolescan, name))


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_is_that_of_the_command(kind):
    """The same names, by ``name`` or by the two parts that a set's name has."""
    rows = KINDS[kind]()
    keys = [name for name in ("name", "beam", "generator", "place", "label") if name in rows[0]]
    if "name" in keys:
        keys = ["name"]
    shown = ["/".join(str(row[key]) for key in keys) for row in rows]
    found = getattr(dipolescan, LISTS[kind])()
    if kind == "limits":
        assert [limit.name for limit in found] == shown
    else:
        assert set(found) == set(shown)
        assert len(shown) == len(found)


def test_numbers_are_those_of_the_command(cli, small):
    """Of a store, of publications, of an experiment and of a cluster."""
    import json

    def printed(*words):
        status, out, err = cli(*words, "--json")
        assert status in (0, 1), err
        return json.loads(out)

    assert json.loads(json.dumps(dipolescan.info(small))) == printed("info", small)
    for store, method in ((None, ""), (small, ""), (small, "feldman-cousins")):
        words = [store] if store else []
        words += ["--method", method] if method else []
        found = dipolescan.cite(store, method=method)
        assert [{"key": k, "bibtex": v} for k, v in found.items()] == printed("cite", *words)
    checks = [
        (m, c.name, c.passed) for m, every in dipolescan.check("FASER2").items() for c in every
    ]
    shown = [(c["model"], c["check"], c["passed"]) for c in printed("check", "FASER2")]
    assert checks == shown
    shown = printed("clusters", "show", "slurm", "--workers", "2:6", "--account", "hep")
    assert dipolescan.show_cluster("slurm", "2:6", account="hep") == shown
    for call in (
        lambda: dipolescan.show_cluster("slurmy"),
        lambda: dipolescan.show_cluster("local", account="hep"),
        lambda: dipolescan.show_cluster("slurm", "few"),
        lambda: dipolescan.cite(method="poisson"),
        lambda: dipolescan.info("nowhere.zarr"),
        lambda: dipolescan.spectrum("lhc-14tev", "none", "eta"),
        lambda: dipolescan.flux("nowhere"),
        lambda: dipolescan.check("nowhere"),
    ):
        with pytest.raises(dipolescan.InputError):
            call()


def test_a_queue_is_asked_as_on_the_command_line(cli, tmp_path):
    home = tmp_path / "queue"
    inbox.make_folders(home)
    with Ledger(home / "ledger.sqlite", writable=True, create=True) as ledger:
        lease.acquire(ledger)
        ledger.add(
            "ada", id="toy-1", name="toy", uid=1, owner="ada", priority=0, state="failed", spec="{}", store="/x",
            submitted=1.0, finished=2.0,
        )  # fmt: skip
        ledger.release()
    import json

    shown = json.loads(cli("status", "toy", "--queue", home, "--json")[1])
    assert dipolescan.status("toy", queue=home) == shown
    assert shown["state"] == "failed"
    told = []
    assert dipolescan.watch("toy", home, told.append) == shown
    assert [step["state"] for step in told] == ["failed"]
    with pytest.raises(dipolescan.InputError, match="there is no scan 'other'"):
        dipolescan.watch("other", home)
    for what in ("cancel", "resume", "retry"):
        found = getattr(dipolescan, what)("toy", home)
        assert found == {"id": "toy-1", "request": what, "waits": True}
    assert dipolescan.remove("toy-1", home, store=True)["waits"]
    waiting = {r["request"] for r in dipolescan.status(queue=home)["waiting"]}
    assert waiting == {"cancel", "resume", "retry", "remove"}
    whole = json.loads(cli("status", "--queue", home, "--all", "--json")[1])
    assert dipolescan.status(queue=home, everything=True) == whole
    with pytest.raises(dipolescan.InputError, match="there is no scan 'other'"):
        dipolescan.cancel("other", home)


def test_settings_of_a_function_are_those_of_the_command():
    """Options of run, submit and reproduce that change what is computed are arguments of the function."""
    presentation = {"as_json", "yes", "summary", "overrides", "output", "width", "style"}
    for name, beyond in (("run", {"notify"}), ("submit", set()), ("reproduce", set())):
        command = main.get_command(click.Context(main), name)
        options = {param.name for param in command.params} - presentation - beyond
        assert options <= set(inspect.signature(getattr(dipolescan, name)).parameters)
