"""The manifests: against the schemas of Kubernetes, and against each other. No cluster runs here."""

import shutil
import warnings

import deployed
import pytest
import yaml

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kubernetes_validate

FOLDER = deployed.DEPLOY / "kubernetes"
MANIFESTS = sorted(p for p in FOLDER.glob("*.yaml") if p.name != "kustomization.yaml")
ALL = [d for p in MANIFESTS for d in deployed.documents(p)]
DEPLOYMENTS = {d["metadata"]["name"]: d for d in ALL if d["kind"] == "Deployment"}
VERSIONS = ("1.29", "1.32")


def pod(name):
    return DEPLOYMENTS[name]["spec"]["template"]["spec"]


def container(name):
    return pod(name)["containers"][0]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda p: p.name)
def test_the_schemas_of_kubernetes(path, version):
    for document in deployed.documents(path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the schema library
            kubernetes_validate.validate(document, version, strict=True)


def test_a_bad_one_would_be_seen():
    bad = yaml.safe_load((FOLDER / "worker-hpa.yaml").read_text())
    bad["spec"]["maxReplica"] = 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(bad, VERSIONS[0], strict=True)


def test_kustomize():
    """kubectl puts all together: name space, labels and the image of your registry."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    built = list(yaml.safe_load_all(deployed.checked("kubectl", "kustomize", FOLDER)))
    assert {d["kind"] for d in built} == {d["kind"] for d in ALL} - {"HorizontalPodAutoscaler"}
    assert all(d["metadata"].get("namespace", "dipolescan") == "dipolescan" for d in built)
    images = {
        c["image"] for d in built if d["kind"] == "Deployment" for c in d["spec"]["template"]["spec"]["containers"]
    }  # fmt: skip
    assert images == {"registry.example.org/dipolescan:0.1.0"}


def test_all_files_are_listed():
    text = (FOLDER / "kustomization.yaml").read_text()
    assert [p.name for p in MANIFESTS if f"- {p.name}" not in text] == []


@pytest.mark.parametrize("name", ["scheduler", "worker", "service"])
def test_pods_are_restricted(name):
    """What the name space demands (pod-security.kubernetes.io/enforce: restricted), and the image's user."""
    security, inner = pod(name)["securityContext"], container(name)["securityContext"]
    assert security["runAsNonRoot"]
    assert security["runAsUser"] == security["fsGroup"] == 10001
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inner["capabilities"] == {"drop": ["ALL"]}
    assert not inner["allowPrivilegeEscalation"]
    assert inner["readOnlyRootFilesystem"]
    assert not pod(name)["automountServiceAccountToken"]
    assert not pod(name)["enableServiceLinks"]
    assert "memory" in container(name)["resources"]["limits"]


@pytest.mark.parametrize("name", ["scheduler", "worker", "service"])
def test_names_fit_together(name):
    ports = {p["name"] for p in container(name)["ports"]}
    for kind in ("startupProbe", "livenessProbe"):
        assert container(name)[kind]["httpGet"]["port"] in ports
    policies = [
        d for d in ALL
        if d["kind"] == "NetworkPolicy"
        and d["spec"]["podSelector"].get("matchLabels") == {"app.kubernetes.io/name": name}
    ]  # fmt: skip
    assert policies
    for rule in (r for p in policies for r in p["spec"]["ingress"]):
        assert {p["port"] for p in rule["ports"]} <= ports
    claims = {d["metadata"]["name"] for d in ALL if d["kind"] == "PersistentVolumeClaim"}
    volumes = {v["name"]: v for v in pod(name)["volumes"]}
    assert {m["name"] for m in container(name)["volumeMounts"]} == set(volumes)
    assert {
        v["persistentVolumeClaim"]["claimName"] for v in volumes.values() if "emptyDir" not in v
    } <= claims


def test_one_service_with_time_to_stop():
    spec = DEPLOYMENTS["service"]["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}
    (grace,) = [w.split("=")[1] for w in container("service")["command"] if "--grace=" in w]
    assert pod("service")["terminationGracePeriodSeconds"] > 1.5 * float(grace)


def test_stores_are_at_the_same_place():
    places = [
        {m["name"]: m["mountPath"] for m in container(n)["volumeMounts"]}["stores"]
        for n in ("worker", "service")
    ]
    assert places == ["/srv/dipolescan/queue/results"] * 2


def bytes_of(text):
    """Of ``2Gi``, ``2560Mi`` and Dask's ``2GiB``."""
    number, unit = text.rstrip("iB")[:-1], text.rstrip("iB")[-1]
    return int(number) * 1024 ** ("KMG".index(unit) + 1)


def test_a_worker_knows_less_memory_than_it_has():
    """And asks for as much as it may use by itself, and for one CPU for its one thread."""
    (limit,) = [w.split("=")[1] for w in container("worker")["command"] if "--memory-limit=" in w]
    resources = container("worker")["resources"]
    assert bytes_of(limit) < bytes_of(resources["limits"]["memory"])
    assert bytes_of(limit) == bytes_of(resources["requests"]["memory"])
    assert f"--nthreads={resources['requests']['cpu']}" in container("worker")["command"]


def test_what_scales_is_there():
    """And never goes below one worker."""
    (scaler,) = [d for d in ALL if d["kind"] == "HorizontalPodAutoscaler"]
    target = scaler["spec"]["scaleTargetRef"]
    assert DEPLOYMENTS[target["name"]]["apiVersion"] == target["apiVersion"]
    assert (target["kind"], target["name"]) == ("Deployment", "worker")
    assert 1 <= scaler["spec"]["minReplicas"] < scaler["spec"]["maxReplicas"]
    (metric,) = scaler["spec"]["metrics"]
    asked = container("worker")["resources"]["requests"]
    assert metric["resource"]["name"] in asked  # a share of what is asked for


@pytest.mark.parametrize("name", ["scheduler", "worker", "service"])
def test_a_pod_is_found_by_its_label(name):
    labels = {"app.kubernetes.io/name": name}
    spec = DEPLOYMENTS[name]["spec"]
    assert spec["selector"]["matchLabels"] == labels
    assert labels.items() <= spec["template"]["metadata"]["labels"].items()


def test_stores_are_written_by_many_and_the_ledger_by_one_node():
    modes = {
        d["metadata"]["name"]: d["spec"]["accessModes"]
        for d in ALL
        if d["kind"] == "PersistentVolumeClaim"
    }
    assert modes == {"queue": ["ReadWriteOnce"], "stores": ["ReadWriteMany"]}
