"""Parts of a deployment fit together: probes and pages, addresses and ports, volumes and those who share stores.

Against what the web app and Dask really answer; and each fault that was ever let through is planted here.
"""

import copy
import re
import urllib.error
import urllib.request
from contextlib import closing

import connections
import deployed
import pytest
from distributed import LocalCluster

from schedulers import inbox
from schedulers.ledger import Ledger
from schedulers.tally import Tally
from schedulers.web.server import Address, offered
from schedulers.web.watched import Watched

COMPOSE = deployed.documents(deployed.DEPLOY / "docker" / "compose.yaml")[0]
DOCKERFILE = (deployed.DEPLOY / "docker" / "Dockerfile").read_text()
MANIFESTS = [
    document
    for path in sorted((deployed.DEPLOY / "kubernetes").glob("*.yaml"))
    if path.name != "kustomization.yaml"
    for document in deployed.documents(path)
]
UNIT = (deployed.DEPLOY / "systemd" / "dipolescan.service").read_text()


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Whether the page of the service, or both of Dask's, answer to a path."""
    home = tmp_path_factory.mktemp("page") / "queue"
    inbox.make_folders(home)
    with (
        closing(Ledger(home / "ledger.sqlite", writable=True, create=True)),
        offered(Watched(home, Tally(), lambda: 0.1), Address(port=0)) as page,
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
        ) as cluster,
    ):  # fmt: skip
        worker = cluster.workers[0]
        http = {
            "page": [page.rstrip("/")],
            "health": [
                f"http://127.0.0.1:{cluster.scheduler.http_server.port}",
                f"http://127.0.0.1:{worker.http_server.port}",
            ],
        }
        yield lambda what, path: all(status(place + path) == 200 for place in http[what])


def test_what_answers(answers):
    assert answers("page", "/healthz")
    assert answers("health", "/health")
    assert not answers("page", "/health")
    assert not answers("health", "/healthz")


def test_compose(answers):
    assert list(connections.compose_problems(COMPOSE, DOCKERFILE, answers)) == []


def test_kubernetes(answers):
    assert list(connections.kubernetes_problems(MANIFESTS, answers)) == []


def test_the_image_alone(answers):
    """Its own command, and the probe that the recipe gives it."""
    (port, path), *_ = re.findall(r"HEALTH_URL=http://127.0.0.1:(\d+)(/\S+)", DOCKERFILE)
    (words,) = re.findall(r'^CMD \["dipolescan", (.*)\]$', DOCKERFILE, re.MULTILINE)
    command = ["dipolescan", *re.findall(r'"([^"]*)"', words)]
    image = connections.Part("image", command, [(int(port), path)])
    assert list(connections.probe_problems(image, answers)) == []
    assert re.findall(r"^EXPOSE (\d+)", DOCKERFILE, re.MULTILINE) == [port]
    assert f"DIPOLESCAN_QUEUE={connections.QUEUE} " in DOCKERFILE


# ---- faults, planted one by one --------------------------------------------------------------


def replaced(node, old, new):
    """A copy with a text replaced wherever it is."""
    if isinstance(node, dict):
        return {k: replaced(v, old, new) for k, v in node.items()}
    if isinstance(node, list):
        return [replaced(v, old, new) for v in node]
    return node.replace(old, new) if isinstance(node, str) else node


def in_compose(name, change):
    """The compose file with one part changed."""
    found = copy.deepcopy(COMPOSE)
    change(found["services"][name])
    return found


def command_of(old, new):
    return lambda service: service.update(command=replaced(service["command"], old, new))


COMPOSE_FAULTS = {
    "a worker dials the dashboard": ("worker", command_of(":8786", ":8787"), "no scheduler listens"),
    "the service dials the dashboard": ("service", command_of(":8786", ":8787"), "no scheduler"),
    "a worker dials the service": ("worker", command_of("//scheduler", "//service"), "is no scheduler"),
    "the scheduler listens elsewhere": ("scheduler", command_of("8786", "8785"), "no scheduler listens"),
    "a worker without the stores": ("worker", lambda s: s.pop("volumes"), "worker: .*/results is not"),
    "a worker with other stores": (
        "worker", lambda s: s.update(volumes=["other:/srv/dipolescan"]), "there is no volume other"),
    "a worker that cannot write": (
        "worker", lambda s: s.update(volumes=["data:/srv/dipolescan:ro"]), "worker: .*/results is not"),
    "a worker with the volume one folder too deep": (
        "worker", lambda s: s.update(volumes=["data:/srv/dipolescan/queue"]), "worker: .* is not"),
    "a user without the queue": ("submit", lambda s: s.pop("volumes"), "submit: .*/queue is not"),
    "a service without a volume": ("service", lambda s: s.pop("volumes"), "service: .* on no volume"),
    "a probe of a page that is not there": (
        "worker", lambda s: s["environment"].update(HEALTH_URL="http://127.0.0.1:8788/healthz"),
        "there is no /healthz at port 8788"),
    "a probe of Dask's own port": (
        "scheduler", lambda s: s["environment"].update(HEALTH_URL="http://127.0.0.1:8786/health"),
        "nothing answers HTTP at port 8786"),
    "a probe of a page of the service that is not there": (
        "service", lambda s: s.update(environment={"HEALTH_URL": "http://127.0.0.1:8790/health"}),
        "there is no /health at port 8790"),
    "the page is elsewhere": ("service", command_of(":8790", ":8791"), "nothing answers HTTP at port 8790"),
    "another port is published": (
        "service", lambda s: s.update(ports=["127.0.0.1:8790:8787"]), "what is published is not the page"),
}  # fmt: skip


@pytest.mark.parametrize("fault", COMPOSE_FAULTS)
def test_faults_of_compose(answers, fault):
    name, change, sentence = COMPOSE_FAULTS[fault]
    found = list(connections.compose_problems(in_compose(name, change), DOCKERFILE, answers))
    assert any(re.search(sentence, text) for text in found), found


def test_a_fault_of_the_image(answers):
    other = DOCKERFILE.replace("8790/healthz", "8790/health")
    assert other != DOCKERFILE
    assert any(
        "there is no /health" in text
        for text in connections.compose_problems(COMPOSE, other, answers)
    )


def manifest(kind, name, change):
    """The manifests with one document changed."""
    found = copy.deepcopy(MANIFESTS)
    (one,) = [d for d in found if d["kind"] == kind and d["metadata"]["name"] == name]
    change(one)
    return found


def inside(change):
    """A change of the container of a deployment."""
    return lambda d: change(d["spec"]["template"]["spec"]["containers"][0])


def command_inside(old, new):
    return inside(lambda c: c.update(command=replaced(c["command"], old, new)))


def probe(kind, **changes):
    return inside(lambda c: c[kind]["httpGet"].update(changes))


def peers(change):
    """A change of the peers of the first rule of a policy."""
    return lambda d: change(d["spec"]["ingress"][0]["from"])


def mount(number, **changes):
    return inside(lambda c: c["volumeMounts"][number].update(changes))


KUBERNETES_FAULTS = {
    "a probe of a page that is not there": (
        "Deployment", "service", probe("livenessProbe", path="/health"), "there is no /health at"),
    "a readiness probe of a page that is not there": (
        "Deployment", "service", probe("readinessProbe", path="/ready"), "there is no /ready at"),
    "a probe of Dask's own port": (
        "Deployment", "worker", probe("startupProbe", port="dask"), "nothing answers HTTP at port 8789"),
    "a probe of the worker as of the service": (
        "Deployment", "worker", probe("livenessProbe", path="/healthz"), "there is no /healthz at"),
    "metrics that are elsewhere": (
        "Deployment", "service",
        lambda d: d["spec"]["template"]["metadata"]["annotations"].update({"prometheus.io/path": "/prometheus"}),
        "there is no /prometheus at"),
    "a worker dials the dashboard": (
        "Deployment", "worker", command_inside(":8786", ":8787"), "worker: .*8787 is no scheduler"),
    "the Service leads to the dashboard": (
        "Service", "scheduler", lambda d: d["spec"]["ports"][0].update(targetPort="health"), "no scheduler listens at"),
    "the Service leads to the dashboard by its number": (
        "Service", "scheduler", lambda d: d["spec"]["ports"][0].update(targetPort=8787), "no scheduler listens at"),
    "the Service selects the workers": (
        "Service", "scheduler", lambda d: d["spec"].update(selector={"app.kubernetes.io/name": "worker"}),
        "is no scheduler"),
    "a port that nobody opens": (
        "Deployment", "worker", command_inside("--worker-port=8789", "--worker-port=8799"), "worker declares"),
    "a worker without the stores": (
        "Deployment", "worker", inside(lambda c: c["volumeMounts"].pop()), "worker: .*/results is not"),
    "a worker whose stores cannot be written": (
        "Deployment", "worker", mount(1, readOnly=True), "worker: .*/results is not"),
    "a worker with another claim": (
        "Deployment", "worker",
        lambda d: d["spec"]["template"]["spec"]["volumes"][1].update(persistentVolumeClaim={"claimName": "queue"}),
        "worker: .*/results is not"),
    "a worker with a folder of the claim": (
        "Deployment", "worker", mount(1, subPath="a"), "worker: .*/results is not"),
    "stores of one node": (
        "PersistentVolumeClaim", "stores", lambda d: d["spec"].update(accessModes=["ReadWriteOnce"]),
        "their claim is for one node"),
    "the scheduler is shut out": (
        "NetworkPolicy", "worker", peers(lambda p: p.pop(0)), "scheduler may not reach worker"),
    "workers are shut out from each other": (
        "NetworkPolicy", "worker", peers(lambda p: p.pop(1)), "worker may not reach worker"),
    "workers are shut out": (
        "NetworkPolicy", "scheduler", peers(lambda p: p.pop(0)), "worker may not reach scheduler"),
    "the service is shut out": (
        "NetworkPolicy", "scheduler", peers(lambda p: p.pop(1)), "service may not reach scheduler"),
    "the port is the wrong one": (
        "NetworkPolicy", "scheduler",
        lambda d: d["spec"]["ingress"][0].update(ports=[{"protocol": "TCP", "port": "health"}]),
        "worker may not reach scheduler"),
    "everybody is let in": (
        "NetworkPolicy", "worker", peers(lambda p: p.append({"namespaceSelector": {}})), "anybody reaches worker"),
    "nobody is kept out": (
        "NetworkPolicy", "scheduler", lambda d: d["spec"]["ingress"].append({}), "anybody reaches scheduler"),
    "no name can be asked for": (
        "NetworkPolicy", "among-themselves", lambda d: d["spec"]["egress"].pop(1), "can ask for no name"),
    "nobody may call anybody": (
        "NetworkPolicy", "among-themselves", lambda d: d["spec"]["egress"].pop(0), "worker may not reach scheduler"),
    "the monitoring is shut out": (
        "NetworkPolicy", "metrics", lambda d: d["spec"].update(ingress=[]), "the monitoring and service"),
}  # fmt: skip


@pytest.mark.parametrize("fault", KUBERNETES_FAULTS)
def test_faults_of_the_manifests(answers, fault):
    kind, name, change, sentence = KUBERNETES_FAULTS[fault]
    documents = manifest(kind, name, change)
    found = list(connections.kubernetes_problems(documents, answers))
    assert any(re.search(sentence, text) for text in found), found


# ---- the unit, and other services of several users -------------------------------------------


def served(words):
    """What the command makes of the words of ``serve``."""
    import click

    from scanner.cli import main

    command = main.get_command(click.Context(main), "serve")
    return command.make_context("serve", list(words[1:])).params


def unit_words(unit):
    (line,) = re.findall(r"^ExecStart=\S+/dipolescan (.*)$", unit, re.MULTILINE)
    values = {"CLUSTER": "local", "WORKERS": "1:8"}
    return [re.sub(r"\$\{(\w+)\}", lambda m: values[m[1]], w) for w in line.split()]


def unit_problems(unit):
    """A unit of the machine serves all its users, from a folder that it may write and that is made for it."""
    found = served(unit_words(unit))
    if not found["shared"]:
        yield "other users of the machine cannot submit"
    queue = str(found["queue"])
    (writable,) = re.findall(r"^ReadWritePaths=(.*)$", unit, re.MULTILINE)
    if not queue.startswith(writable):
        yield f"{queue} cannot be written"
    if not re.findall(rf"^d {queue} ", TMPFILES, re.MULTILINE):
        yield f"{queue} is not made"
    if not found["http"].local:
        yield "the page is open to everybody"
    account = re.findall(r"^User=(.*)$", unit, re.MULTILINE)
    if account != re.findall(r"^u (\w+) ", SYSUSERS, re.MULTILINE):
        yield f"the user {account} is not made"


TMPFILES = (deployed.DEPLOY / "systemd" / "tmpfiles.conf").read_text()
SYSUSERS = (deployed.DEPLOY / "systemd" / "sysusers.conf").read_text()


def test_the_unit():
    assert list(unit_problems(UNIT)) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (" --shared", "", "other users of the machine cannot submit"),
        ("--queue /srv/dipolescan/queue", "--queue /var/lib/queue", "/var/lib/queue cannot be written"),
        ("--queue /srv/dipolescan/queue", "--queue /srv/dipolescan/q", "/srv/dipolescan/q is not made"),
        ("127.0.0.1:8790", "0.0.0.0:8790", "the page is open to everybody"),
        ("User=dipolescan", "User=scans", "the user"),
    ],
)  # fmt: skip
def test_faults_of_the_unit(old, new, sentence):
    assert old in UNIT
    assert any(sentence in text for text in unit_problems(UNIT.replace(old, new)))


def test_a_queue_of_the_machine_is_shared_wherever_it_is_told():
    """In files and on pages; in a container all is done as one user."""
    lines = [(p.name, w) for p, w in deployed.command_lines() if w[:1] == ["serve"]]
    assert {name for name, _ in lines} >= {"dipolescan.service", "service.sbatch", "compose.yaml"}
    of_all = [(name, w) for name, w in lines if any(word.startswith("/srv/") for word in w)]
    assert of_all
    assert [(name, w) for name, w in of_all if "--shared" not in w] == []
