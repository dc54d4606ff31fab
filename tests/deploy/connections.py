"""What the parts of a deployment listen on, dial, probe, mount and may reach, read from its manifests.

Each function returns sentences that say what does not fit together; none if all does.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

QUEUE = "/srv/dipolescan/queue"
STORES = f"{QUEUE}/results"
PARTS = ("scheduler", "worker", "service")
# Who opens connections to whom: workers and the service's client to the scheduler, the scheduler to workers for what
# the client asks of them, and workers to each other for results
FLOWS = (
    ("worker", "scheduler"),
    ("service", "scheduler"),
    ("scheduler", "worker"),
    ("worker", "worker"),
)


def option(command, name, default=""):
    """Value of ``--name value`` or ``--name=value`` in a command."""
    words = [str(w) for w in command]
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word == name:
            return after
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return default


def listens(command):
    """Ports that a command opens: what answers at each, ``dask``, ``health`` (Dask's pages) or ``page`` (ours)."""
    words = [str(w) for w in command]

    def port(name, default=""):
        return int(option(words, name, default).rpartition(":")[2] or 0)

    if words[:2] == ["dask", "scheduler"]:
        return {port("--port", "8786"): "dask", port("--dashboard-address", "8787"): "health"}
    if words[:2] == ["dask", "worker"]:
        return {port("--worker-port"): "dask", port("--dashboard-address"): "health"}
    if words[:2] == ["dipolescan", "serve"]:
        return {port("--http", "8790"): "page"}
    return {}


def dials(command):
    """Addresses of schedulers in a command, as (host, port)."""
    found = [urlsplit(a) for w in command for a in re.findall(r"(?:tcp|tls)://[^\s/,]+", str(w))]
    return [(a.hostname, a.port) for a in found]


@dataclass
class Part:
    """A container of a deployment.

    Attributes
    ----------
    name : str
    command : list of str
    probes : list of (int or None, str)
        Port and path that are asked whether it lives.
    volumes : dict
        Place to (volume, whether it can be written).
    """

    name: str
    command: list
    probes: list = field(default_factory=list)
    volumes: dict = field(default_factory=dict)

    def volume_of(self, place):
        """Volume, folder in it, and whether it can be written, of a place in the container; None if there is none."""
        for at in sorted(self.volumes, key=len, reverse=True):
            if place == at or place.startswith(f"{at.rstrip('/')}/"):
                volume, writable = self.volumes[at]
                return volume, place[len(at) :].strip("/"), writable
        return None


# ---- probes, addresses, volumes --------------------------------------------------------------


def probe_problems(part, answers):
    """Probes that nothing answers.

    Parameters
    ----------
    part : Part
    answers : callable
        Whether ``health`` or ``page`` answers to a path with 200.
    """
    if not part.probes:
        yield f"{part.name} has no probe"
    for port, path in part.probes:
        what = listens(part.command).get(port)
        if what not in ("health", "page"):
            yield f"{part.name}: nothing answers HTTP at port {port}"
        elif not answers(what, path):
            yield f"{part.name}: there is no {path} at port {port}"


def address_problems(parts, resolve):
    """Addresses that are not those of a scheduler.

    Parameters
    ----------
    parts : dict of Part
    resolve : callable
        From host and port to the part and the port of its container; None if it is none.
    """
    for name in ("worker", "service"):
        found = dials(parts[name].command)
        if len(found) != 1:
            yield f"{name} dials {found}"
        for host, port in found:
            target, inner = resolve(host, port) or ("", 0)
            if target not in parts or parts[target].command[:2] != ["dask", "scheduler"]:
                yield f"{name}: {host}:{port} is no scheduler"
            elif listens(parts[target].command).get(inner) != "dask":
                yield f"{name}: no scheduler listens at {host}:{port}"


def store_problems(parts, users=()):
    """Parts that do not see the stores, or the queue, of the service, or cannot write there.

    Parameters
    ----------
    parts : dict of Part
    users : sequence of str
        Parts with the commands of a user, who need the queue, too.
    """
    for place, names in ((STORES, ("worker", *users)), (QUEUE, users)):
        own = parts["service"].volume_of(place)
        if own is None or not own[2]:
            yield f"service: {place} is on no volume that it can write"
        for name in names:
            if parts[name].volume_of(place) != own:
                yield f"{name}: {place} is not that of the service"


# ---- compose ---------------------------------------------------------------------------------


def compose_parts(compose, dockerfile):
    """The parts of a compose file, with what they have of the image."""
    image = dict(re.findall(r"^    (?:ENV )?(\w+)=(\S+)(?: \\)?$", dockerfile, re.MULTILINE))
    found = {}
    for name, service in compose["services"].items():
        part = Part(name, service.get("command", []))
        for mount in service.get("volumes", []):
            volume, place, *mode = re.sub(r"\$\{[^}]*\}", "HOST", mount).split(":")
            part.volumes[place] = volume, mode != ["ro"]
        if not service.get("healthcheck", {}).get("disable"):
            url = service.get("environment", {}).get("HEALTH_URL", image.get("HEALTH_URL", ""))
            part.probes.append((urlsplit(url).port, urlsplit(url).path))
        found[name] = part
    return found


def compose_problems(compose, dockerfile, answers):
    """What does not fit together in a compose file and the image's recipe."""
    parts = compose_parts(compose, dockerfile)
    for name in PARTS:
        yield from probe_problems(parts[name], answers)
    yield from address_problems(parts, lambda host, port: (host, port))
    users = [n for n, s in compose["services"].items() if "command" in s.get("profiles", [])]
    if len(users) < 2:
        yield f"commands of users: {users}"
    yield from store_problems(parts, users)
    for part in parts.values():
        for volume, _ in part.volumes.values():
            if volume != "HOST" and volume not in compose["volumes"]:
                yield f"{part.name}: there is no volume {volume}"
    published = {int(p.split(":")[-1]) for p in compose["services"]["service"]["ports"]}
    if {listens(parts["service"].command).get(p) for p in published} != {"page"}:
        yield f"service: what is published is not the page ({published})"


# ---- Kubernetes ------------------------------------------------------------------------------


class Manifests:
    """Documents of a name space."""

    def __init__(self, documents):
        self.documents = documents
        self.deployments = {d["metadata"]["name"]: d for d in self.kind("Deployment")}

    def kind(self, kind):
        """All documents of a kind."""
        return [d for d in self.documents if d["kind"] == kind]

    def container(self, name):
        """The one container of a deployment."""
        (found,) = self.deployments[name]["spec"]["template"]["spec"]["containers"]
        return found

    def labels(self, name):
        """Of the pods of a deployment."""
        return self.deployments[name]["spec"]["template"]["metadata"]["labels"]

    def port(self, name, port):
        """Number of a port that may be a name."""
        named = {p["name"]: p["containerPort"] for p in self.container(name)["ports"]}
        return named.get(port, port if isinstance(port, int) else None)

    def parts(self):
        """The containers as parts."""
        found = {}
        for name, deployment in self.deployments.items():
            container = self.container(name)
            part = found[name] = Part(name, container["command"])
            for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
                if kind in container:
                    probe = container[kind]["httpGet"]
                    part.probes.append((self.port(name, probe["port"]), probe["path"]))
            claims = {
                v["name"]: v.get("persistentVolumeClaim", {}).get("claimName", f"{name}'s own")
                for v in deployment["spec"]["template"]["spec"]["volumes"]
            }
            for mount in container["volumeMounts"]:
                claim = f"{claims[mount['name']]}/{mount.get('subPath', '')}"
                part.volumes[mount["mountPath"]] = claim, not mount.get("readOnly")
            about = deployment["spec"]["template"]["metadata"].get("annotations", {})
            if about.get("prometheus.io/scrape") == "true":
                port = int(about["prometheus.io/port"])
                part.probes.append((port, about["prometheus.io/path"]))
        return found

    def resolve(self, host, port):
        """The deployment and the port of its container behind a Service."""
        for service in self.kind("Service"):
            if service["metadata"]["name"] == host:
                for name in self.deployments:
                    if _selects({"matchLabels": service["spec"]["selector"]}, self.labels(name)):
                        for p in service["spec"]["ports"]:
                            if p["port"] == port:
                                return name, self.port(name, p.get("targetPort", port))
        return None

    # ---- the network policies ----

    def may(self, source, target, port):
        """Whether a connection is allowed: by those who leave and by those who are reached."""
        return self._egress(source, target, port) and self._ingress(source, target, port)

    def _policies(self, labels, direction):
        return [
            d["spec"]
            for d in self.kind("NetworkPolicy")
            if direction in d["spec"]["policyTypes"] and _selects(d["spec"]["podSelector"], labels)
        ]

    def _ingress(self, source, target, port):
        if target not in self.deployments:
            return True
        policies = self._policies(self.labels(target), "Ingress")
        rules = [r for p in policies for r in p.get("ingress", [])]
        return not policies or any(
            self._peer(rule.get("from"), source) and self._port(rule, target, port)
            for rule in rules
        )

    def _egress(self, source, target, port):
        if source not in self.deployments:
            return True
        policies = self._policies(self.labels(source), "Egress")
        rules = [r for p in policies for r in p.get("egress", [])]
        return not policies or any(
            self._peer(rule.get("to"), target) and self._port(rule, target, port) for rule in rules
        )

    def _peer(self, peers, other):
        """Whether a deployment, or a name space, is among the peers of a rule."""
        for peer in peers or [{"podSelector": {}, "namespaceSelector": {}}]:
            if other in self.deployments:
                if "namespaceSelector" not in peer and _selects(
                    peer["podSelector"], self.labels(other)
                ):
                    return True
            elif "namespaceSelector" in peer and _selects(
                peer["namespaceSelector"], {"kubernetes.io/metadata.name": other}
            ):
                return True
        return False

    def _port(self, rule, target, port):
        numbers = [
            self.port(target, p["port"]) if target in self.deployments else p["port"]
            for p in rule.get("ports", [])
        ]
        return not numbers or port in numbers


def _selects(selector, labels):
    return (selector.get("matchLabels") or {}).items() <= labels.items()


def kubernetes_problems(documents, answers):
    """What does not fit together in the manifests."""
    found = Manifests(documents)
    parts = found.parts()
    for name in PARTS:
        yield from probe_problems(parts[name], answers)
        declared = {p["containerPort"] for p in found.container(name)["ports"]}
        if declared != set(listens(parts[name].command)):
            yield f"{name} declares {declared} and listens at {set(listens(parts[name].command))}"
        selector = found.deployments[name]["spec"]["selector"]
        if not _selects(selector, found.labels(name)):
            yield f"{name}: its deployment does not select its pods"
    yield from address_problems(parts, found.resolve)
    yield from store_problems(parts)
    shared = parts["worker"].volume_of(STORES)
    for claim in found.kind("PersistentVolumeClaim"):
        several = "ReadWriteMany" in claim["spec"]["accessModes"]
        if shared and claim["metadata"]["name"] == shared[0].strip("/") and not several:
            yield "the stores are written by many, and their claim is for one node"
    yield from policy_problems(found, parts)


def policy_problems(found, parts):
    """Connections that are needed and shut out, and those that are let in and should not be."""
    for source, target in FLOWS:
        (port,) = [p for p, what in listens(parts[target].command).items() if what == "dask"]
        if not found.may(source, target, port):
            yield f"{source} may not reach {target} at {port}"
    for name in PARTS:
        if not found.may(name, "kube-system", 53):
            yield f"{name} can ask for no name"
        for port, what in listens(parts[name].command).items():
            if found.may("elsewhere", name, port):
                yield f"anybody reaches {name} at {port}"
            if found.may("monitoring", name, port) != (what == "page"):
                yield f"the monitoring and {name} at {port} ({what})"
        if found.may(name, "elsewhere", 443):
            yield f"{name} reaches the whole world"
