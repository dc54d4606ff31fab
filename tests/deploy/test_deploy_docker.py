"""The image's recipe and the compose file: linted, checked against the compose specification, their commands run."""

import json
import re
import urllib.request
from importlib.resources import files

import deployed
import jsonschema
import pytest
import toys
from waiting import PATIENCE, until

from scanner.scans.spec import ScanSpec
from scanner.scans.submission import submit
from schedulers.ledger import Ledger

processes = deployed.processes
DOCKER = deployed.DEPLOY / "docker"
COMPOSE = deployed.documents(DOCKER / "compose.yaml")[0]


def copied():
    """What the recipe takes from the repository."""
    text = (DOCKER / "Dockerfile").read_text()
    lines = re.findall(r"^COPY (?!--)(.*)$", text, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_hadolint():
    deployed.checked(deployed.tool("hadolint"), DOCKER / "Dockerfile")


def test_the_compose_specification():
    """The schema is that which check-jsonschema ships."""
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(schema.read_text()))


def test_nothing_else_goes_into_the_image():
    """What is let through is what is copied, and is there; everything else, such as keys, is kept out."""
    rules = [
        r for r in (deployed.ROOT / ".dockerignore").read_text().split("\n") if r and r[0] != "#"
    ]
    assert rules[0] == "*"
    assert {r[1:] for r in rules if r.startswith("!")} == set(copied())
    assert all((deployed.ROOT / source).exists() for source in copied())


def test_all_that_is_installed_directly_is_pinned():
    import tomllib

    project = tomllib.loads((deployed.ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["limits"]
    pins = (deployed.ROOT / "constraints.txt").read_text().lower()
    names = [re.match(r"[\w-]+", w)[0].lower() for w in wanted]
    assert [n for n in names if not re.search(rf"^{n}==", pins, re.MULTILINE)] == []


def test_nobody_is_root():
    text = (DOCKER / "Dockerfile").read_text()
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE)[-1] == "10001:10001"
    assert "HEALTHCHECK" in text


def test_the_service_has_time_to_stop():
    service = COMPOSE["services"]["service"]
    (grace,) = [w.split("=")[1] for w in service["command"] if w.startswith("--grace=")]
    assert service["stop_grace_period"] == "2m"
    assert 1.5 * float(grace) < 120
    assert all(p.startswith("127.0.0.1:") for p in service["ports"])


def test_a_worker_knows_less_memory_than_it_has():
    """So that Dask writes to disk, or pauses, before the container is killed; one thread has one CPU."""
    worker = COMPOSE["services"]["worker"]
    (limit,) = [w.split("=")[1] for w in worker["command"] if w.startswith("--memory-limit=")]
    assert int(limit.removesuffix("GiB")) * 1024 < int(worker["mem_limit"].removesuffix("m"))
    assert f"--nthreads={worker['cpus']}" in worker["command"]


@pytest.mark.parametrize("name", ["worker", "service"])
def test_what_needs_the_scheduler_waits_for_it(name):
    about = COMPOSE["services"][name]["depends_on"]
    assert about == {"scheduler": {"condition": "service_healthy"}}
    assert not COMPOSE["services"]["scheduler"].get("healthcheck", {}).get("disable")


@pytest.mark.parametrize("name", ["scheduler", "worker", "service"])
def test_what_has_ended_is_started_again(name):
    assert COMPOSE["services"][name]["restart"] == "unless-stopped"


def test_all_containers_are_of_one_image():
    """Scheduler, workers and service must have the same versions; one of them builds it."""
    services = COMPOSE["services"]
    assert len({about["image"] for about in services.values()}) == 1
    built = [name for name, about in services.items() if "build" in about]
    assert built == ["scheduler"]
    context = (DOCKER / services["scheduler"]["build"]["context"]).resolve()
    assert context == deployed.ROOT
    assert (context / services["scheduler"]["build"]["dockerfile"]).samefile(DOCKER / "Dockerfile")


def test_the_queue_of_the_image_lies_in_the_volume():
    text = (DOCKER / "Dockerfile").read_text()
    (queue,) = re.findall(r"DIPOLESCAN_QUEUE=(\S+)", text)
    assert queue == "/srv/dipolescan/queue"
    for name in ("worker", "service", "submit", "dipolescan"):
        (place,) = [v.split(":")[1] for v in COMPOSE["services"][name]["volumes"] if "data:" in v]
        assert queue.startswith(f"{place}/")


def local(words, ports, folder):
    """A command of a container, for this machine."""
    here = []
    for word in map(str, words):
        word = word.replace("scheduler:8786", f"127.0.0.1:{ports[8786]}").replace(
            "0.0.0.0", "127.0.0.1"
        )
        word = re.sub(r"\b(8786|8787|8788|8789|8790)\b", lambda m: str(ports[int(m[1])]), word)
        here.append(word.replace("/tmp", str(folder)))
    return here


def compose_commands():
    services = COMPOSE["services"]
    return {n: services[n]["command"] for n in ("scheduler", "worker", "service")}


def kubernetes_commands():
    found = {}
    for name in ("scheduler", "worker", "service"):
        for document in deployed.documents(deployed.DEPLOY / "kubernetes" / f"{name}.yaml"):
            if document["kind"] == "Deployment":
                (container,) = document["spec"]["template"]["spec"]["containers"]
                found[name] = container["command"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "commands",
    [compose_commands(), pytest.param(kubernetes_commands(), marks=pytest.mark.long)],
    ids=["compose", "kubernetes"],
)
def test_the_commands_of_the_containers(commands, processes, spectra, finished, tmp_path):
    """Scheduler, worker and service as processes of this machine run a scan of the queue; health is answered."""
    ports = dict(zip(range(8786, 8791), toys.free_ports(5), strict=True))
    for name, words in commands.items():
        processes.start(
            name, *local(words, ports, tmp_path), DIPOLESCAN_QUEUE=str(tmp_path / "queue")
        )
    for name, url in (("scheduler", ports[8787]), ("worker", ports[8788])):
        until(
            lambda u=url: answers(f"http://127.0.0.1:{u}/health"), lambda n=name: processes.log(n)
        )
    until(lambda: (tmp_path / "queue" / "ledger.sqlite").exists(), lambda: processes.log("service"))
    until(lambda: answers(f"http://127.0.0.1:{ports[8790]}/healthz"))
    id = submit(ScanSpec(toys.SPEC), queue=tmp_path / "queue")
    scan = until(lambda: finished_scan(tmp_path / "queue", id), lambda: processes.log("service"))
    assert scan.state == "done", scan.message
    assert toys.arrays(tmp_path / "queue" / "results" / f"{id}.zarr") == toys.arrays(finished)
    service = processes.started[-1]
    service.terminate()
    assert service.wait(PATIENCE) == 0
    assert '"event": "stopped"' in processes.log("service")


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status == 200
    except OSError:
        return False


def finished_scan(queue, id):
    ledger = Ledger(queue / "ledger.sqlite")
    try:
        return next((s for s in ledger.scans("done", "failed") if s.id == id), None)
    finally:
        ledger.close()
