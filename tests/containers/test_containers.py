"""The files for container engines and Kubernetes are valid by their schemas, consistent, and true of the server.

The PodMonitor is not checked by a schema. containers/check builds and runs the image itself.
"""

import json
import re
import shlex
import signal
import subprocess
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import check_jsonschema
import jsonschema
import kubernetes_validate
import pytest
import yaml
from dockerfile_parse import DockerfileParser

from bench.servers.listening import free_port

from support import BINARY, SANITIZED

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="says nothing about memory or threads")

TOP = Path(__file__).resolve().parents[2]
CONTAINERS = TOP / "containers"
MANIFESTS = sorted(path for path in (CONTAINERS / "k8s").rglob("*.yaml") if path.name != "kustomization.yaml")
KUBERNETES = "1.37"


def load(name):
    return yaml.safe_load((CONTAINERS / name).read_text())


def manifests():
    return {(one["kind"], one["metadata"]["name"]): one for one in map(yaml.safe_load, map(Path.read_text, MANIFESTS))}


def pod_of(manifest):
    return manifest["spec"]["template"]["spec"]


def environment_of(container):
    return {one["name"]: one["value"] for one in container["env"]}


def seconds(text):
    value, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()
    return int(value) * {"s": 1, "m": 60}[unit]


@pytest.fixture
def containerfile():
    def parse(name):
        parser = DockerfileParser(fileobj=open(CONTAINERS / name, "rb"))  # noqa: SIM115 (the parser keeps it)
        last_stage = max(i for i, one in enumerate(parser.structure) if one["instruction"] == "FROM")
        return parser, {one["instruction"]: one["value"] for one in parser.structure[last_stage:]}

    return parse


def test_every_manifest_is_valid():
    assert len(MANIFESTS) == 5
    for path in MANIFESTS:
        manifest = yaml.safe_load(path.read_text())
        if manifest["kind"] != "PodMonitor":
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_the_schema_finds_what_is_wrong():
    deployment = load("k8s/deployment.yaml")
    pod_of(deployment)["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, KUBERNETES, strict=True)


def test_every_manifest_is_in_a_kustomization():
    for folder in ("k8s", "k8s/load"):
        kustomization = load(f"{folder}/kustomization.yaml")
        listed = {CONTAINERS / folder / name for name in kustomization["resources"]}
        assert listed == {path for path in MANIFESTS if path.parent == CONTAINERS / folder}
        used = {
            one["image"]
            for path in listed
            for one in yaml.safe_load(path.read_text())["spec"]
            .get("template", {})
            .get("spec", {})
            .get("containers", [])
        }
        assert {one["name"] for one in kustomization["images"]} == used


def test_labels_and_ports_fit():
    made = manifests()
    deployment, service = made["Deployment", "tandem"], made["Service", "tandem"]
    monitor = made["PodMonitor", "tandem"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert service["spec"]["selector"] == labels
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
    assert monitor["spec"]["selector"]["matchLabels"] == labels
    container = pod_of(deployment)["containers"][0]
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert {one["targetPort"]: one["port"] for one in service["spec"]["ports"]} == ports
    assert environment_of(container)["TANDEM_ADMIN"] == str(ports["admin"])
    assert ports["http"] == 8080
    probes = [container[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert [(one["path"], one["port"]) for one in probes] == [
        ("/readyz", "admin"),
        ("/readyz", "admin"),
        ("/livez", "admin"),
    ]
    [endpoint] = monitor["spec"]["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("admin", "/metrics")


def test_a_pod_has_cores_of_its_own_and_little_else():
    for kind, name in (("Deployment", "tandem"), ("Job", "tandem-load")):
        pod = pod_of(manifests()[kind, name])
        [container] = pod["containers"]
        resources = container["resources"]
        assert resources["requests"] == resources["limits"]
        assert re.fullmatch(r"[1-9]\d*", resources["limits"]["cpu"])
        assert pod["securityContext"]["runAsNonRoot"]
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"]
        assert not security["allowPrivilegeEscalation"]
        assert security["capabilities"] == {"drop": ["ALL"]}


def test_the_service_does_not_set_the_servers_port():
    """Kubernetes sets TANDEM_PORT=tcp://… by default, for the Service named tandem. The server refuses that value."""
    assert pod_of(manifests()["Deployment", "tandem"])["enableServiceLinks"] is False
    result = subprocess.run(
        [BINARY, "--check-config"], env={"TANDEM_PORT": "tcp://10.0.0.1:8080"}, capture_output=True, text=True
    )
    assert result.returncode == 2
    assert "TANDEM_PORT" in result.stderr


def test_there_is_time_for_the_drain():
    pod = pod_of(manifests()["Deployment", "tandem"])
    [container] = pod["containers"]
    wait = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = seconds(environment_of(container)["TANDEM_DRAIN_TIMEOUT"])
    assert pod["terminationGracePeriodSeconds"] > wait + drain
    tandem = load("compose.yaml")["services"]["tandem"]
    assert seconds(tandem["stop_grace_period"]) > seconds(tandem["environment"].get("TANDEM_DRAIN_TIMEOUT", "10s"))


def test_the_clients_start_together_and_end():
    made = manifests()
    job, names = made["Job", "tandem-load"], made["Service", "tandem-load"]
    spec, pod = job["spec"], pod_of(job)
    environment = environment_of(pod["containers"][0])
    assert spec["completionMode"] == "Indexed"
    assert spec["completions"] == spec["parallelism"] == int(environment["LOAD_PODS"])
    assert environment["LOAD_PEER"] == f"{job['metadata']['name']}-%.{pod['subdomain']}"
    assert names["metadata"]["name"] == pod["subdomain"]
    assert names["spec"]["selector"] == spec["template"]["metadata"]["labels"]
    assert (names["spec"]["clusterIP"], names["spec"]["publishNotReadyAddresses"]) == ("None", True)
    assert spec["activeDeadlineSeconds"] > 60 + 30 + int(environment["LOAD_SECONDS"])
    assert spec["backoffLimit"] == 0
    server = made["Service", "tandem"]
    assert environment["LOAD_URL"].startswith(f"http://tandem:{server['spec']['ports'][0]['port']}/")


def compose_schema():
    vendored = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
    return json.loads(vendored.read_text())


def test_compose_is_valid():
    compose, schema = load("compose.yaml"), compose_schema()
    jsonschema.validate(compose, schema)
    compose["services"]["tandem"]["cpusets"] = "0"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose, schema)


def test_compose_pins_and_waits():
    services = load("compose.yaml")["services"]
    wrk = services.pop("wrk")
    assert wrk["profiles"] == ["load"]
    assert {name: one["condition"] for name, one in wrk["depends_on"].items()} == dict.fromkeys(
        services, "service_healthy"
    )
    for name, service in services.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["cpuset"] == "0"
        assert "profiles" in service or name == "tandem"
        assert wrk["depends_on"][name].get("required", True) == ("profiles" not in service)
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert wrk["cpuset"] == "1"
    for name in ("tandem", "wrk"):
        build = ({"wrk": wrk} | services)[name]["build"]
        assert (CONTAINERS / build["context"] / build["dockerfile"]).is_file()


def test_the_image_says_how_it_is_run(containerfile):
    parser, last = containerfile("Containerfile")
    assert (CONTAINERS / "Containerfile").read_text().startswith("# From the repository's top: podman build ")
    assert json.loads(last["ENTRYPOINT"]) == ["tandem"]
    assert last["HEALTHCHECK"].endswith(' CMD ["tandem", "--healthcheck"]')
    assert (last["STOPSIGNAL"], last["EXPOSE"], last["ENV"]) == ("SIGTERM", "8080", "TANDEM_HOST=0.0.0.0")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last["USER"])
    assert int(last["USER"].split(":")[0]) == pod_of(load("k8s/deployment.yaml"))["securityContext"]["runAsUser"]
    names = ("title", "description", "version", "revision", "licenses")
    labels = {f"org.opencontainers.image.{name}" for name in names}
    assert labels <= set(parser.labels)
    [version] = re.findall(r"version: '([\d.]+)'", (TOP / "meson.build").read_text())[:1]
    assert parser.labels["org.opencontainers.image.version"] == version


@pytest.fixture
def started(containerfile):
    """The image's entry point, run outside a container.

    It has the environment of the image and of the Deployment, but free ports.
    """
    _, last = containerfile("Containerfile")
    [container] = pod_of(load("k8s/deployment.yaml"))["containers"]
    image = dict(pair.split("=", 1) for pair in shlex.split(last["ENV"]))
    port, admin = free_port(), free_port()
    environment = {**image, **environment_of(container), "TANDEM_PORT": str(port), "TANDEM_ADMIN": str(admin)}
    process = subprocess.Popen([BINARY], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith(f"tandem ready http://0.0.0.0:{port} ")
    check = json.loads(last["HEALTHCHECK"].partition(" CMD ")[2])
    assert check[0] == "tandem"
    yield SimpleNamespace(
        process=process,
        check=lambda: subprocess.run([BINARY, *check[1:]], env=environment, capture_output=True, timeout=60).returncode,
        port=port,
        admin=admin,
        signal=getattr(signal, last["STOPSIGNAL"]),
    )
    process.kill()
    process.communicate()


def test_the_entry_point_starts_is_healthy_and_stops(started):
    assert started.check() == 0
    started.process.send_signal(started.signal)
    assert started.process.wait(30) == 0
    assert started.check() == 1


def test_what_is_probed_and_scraped_answers(started):
    made = manifests()
    [container] = pod_of(made["Deployment", "tandem"])["containers"]
    probed = [container[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")]
    paths = {one["path"] for one in probed + made["PodMonitor", "tandem"]["spec"]["podMetricsEndpoints"]}
    assert len(paths) == 3
    for path in paths:
        with urllib.request.urlopen(f"http://127.0.0.1:{started.admin}{path}", timeout=20) as response:
            assert response.status == 200
    with urllib.request.urlopen(f"http://127.0.0.1:{started.port}/plaintext", timeout=20) as response:
        assert response.read() == b"Hello, World!"
