"""A real Kubernetes API server with its etcd, and the little of a client that tests need."""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.error
import urllib.request
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from tests.programs.golang import (
    etcd_binary,
    kube_apiserver_binary,
    prometheus_adapter_binary,
    prometheus_operator_binary,
)
from tests.programs.ports import free_port
from tests.programs.process import Program, wait_until
from tests.programs.running import get

if TYPE_CHECKING:
    from pathlib import Path

_TOKEN = "3f6c1d8e"
_SELF_SIGNED = ssl._create_unverified_context()


class RefusedError(ValueError):
    """What the API server says against an object."""


class Etcd(Program):
    """An etcd that spares the disk: nobody needs it after a crash."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        peers = f"http://127.0.0.1:{free_port()}"
        options = [
            f"--data-dir={folder / 'data'}",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
            "--unsafe-no-fsync",
        ]
        super().__init__([str(etcd_binary()), *options], folder, name="etcd")

    def ready(self) -> bool:
        """Whether it has a leader."""
        return get(f"{self.url}/health")[0] == 200


class ApiServer(Program):
    """An API server with the default admission plug-ins; the caller may do anything that these let pass."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._stack = ExitStack()
        self._etcd = Etcd(folder / "etcd")
        self._port = free_port()
        self.url = f"https://127.0.0.1:{self._port}"
        key = folder / "accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        (folder / "tokens.csv").write_text(f'{_TOKEN},admin,admin,"system:masters"\n')
        self.certificate, self.key = folder / "admin.pem", folder / "admin.key"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", str(self.key),
                   "-out", str(self.certificate), "-subj", "/O=system:masters/CN=admin"]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        options = [
            f"--etcd-servers={self._etcd.url}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--cert-dir={folder / 'certificates'}",
            f"--token-auth-file={folder / 'tokens.csv'}",
            f"--client-ca-file={self.certificate}",
            "--authorization-mode=RBAC",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.0.0.0/24",
            # Nobody here makes the account that every namespace has in a cluster.
            "--disable-admission-plugins=ServiceAccount",
        ]
        super().__init__([str(kube_apiserver_binary()), *options], folder, name="kube-apiserver")
        self._kinds: dict[tuple[str, str], str] = {}

    def start(self) -> Self:
        """Start etcd, then this."""
        self._stack.enter_context(self._etcd)
        return super().start()

    def stop(self, timeout: float = 20.0) -> None:
        """End both."""
        super().stop(timeout)
        self._stack.close()

    def ready(self) -> bool:
        """Whether it serves."""
        return self.call("GET", "/readyz") == "ok"

    def define(self, definitions: list[dict[str, Any]]) -> None:
        """Make custom resources known, and wait until they can be used."""
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for definition in definitions:
            self.call("POST", path, definition)
        for definition in definitions:
            name = definition["metadata"]["name"]
            wait_until(lambda url=f"{path}/{name}": _established(self.call("GET", url)), name)

    def apply(self, applied: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """Apply an object server-side and strictly, and return what is stored.

        Raises:
            RefusedError: with the server's own words.
        """
        query = "fieldManager=test&force=true&fieldValidation=Strict" + ("&dryRun=All" if dry_run else "")
        return self.call("PATCH", f"{self._path(applied)}?{query}", applied, "application/apply-patch+yaml")

    def create(self, created: dict[str, Any]) -> dict[str, Any]:
        """Ask what would become of a new object; nothing is stored.

        Raises:
            RefusedError: with the server's own words.
        """
        folder = self._path(created).rpartition("/")[0]
        return self.call("POST", f"{folder}?dryRun=All&fieldValidation=Strict", created)

    def read(self, known: dict[str, Any]) -> dict[str, Any]:
        """Return the object of this kind and name as it is stored."""
        return self.call("GET", self._path(known))

    def call(self, method: str, path: str, body: Any = None, content: str = "application/json") -> Any:
        """Return the answer to a request: JSON, or a text.

        Raises:
            RefusedError: the answer is an error.
            OSError: nothing answers.
        """
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {_TOKEN}", "Content-Type": content, "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30, context=_SELF_SIGNED) as response:
                text = response.read().decode()
        except urllib.error.HTTPError as error:
            answer = error.read().decode()
            if path == "/readyz":
                return answer
            raise RefusedError(_message(answer)) from None
        return json.loads(text) if text.startswith("{") else text

    def _path(self, named: dict[str, Any]) -> str:
        version, kind, metadata = named["apiVersion"], named["kind"], named["metadata"]
        group = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if (version, kind) not in self._kinds:
            for resource in self.call("GET", group)["resources"]:
                if "/" not in resource["name"]:
                    scope = "namespaces/{namespace}/" if resource["namespaced"] else ""
                    self._kinds[version, resource["kind"]] = f"{group}/{scope}{resource['name']}/{{name}}"
        return self._kinds[version, kind].format(**{"namespace": "", **metadata})


class PrometheusOperator(Program):
    """The operator, told by an API server of the objects in a namespace."""

    def __init__(self, folder: Path, server: ApiServer, namespace: str) -> None:
        self.target = f"127.0.0.1:{free_port()}"
        options = [
            f"--apiserver={server.url}",
            f"--cert-file={server.certificate}",
            f"--key-file={server.key}",
            "--tls-insecure",
            f"--namespaces={namespace}",
            f"--web.listen-address={self.target}",
        ]
        super().__init__([str(prometheus_operator_binary()), *options], folder)

    def ready(self) -> bool:
        """Whether it is healthy."""
        return get(f"http://{self.target}/healthz")[0] == 200


class PrometheusAdapter(Program):
    """What an autoscaler asks: external metrics by `rules`, answered from a Prometheus."""

    def __init__(self, folder: Path, server: ApiServer, prometheus: str, rules: list[Any]) -> None:
        folder.mkdir(parents=True)
        self.url = f"https://127.0.0.1:{(port := free_port())}"
        (folder / "rules.json").write_text(json.dumps({"externalRules": rules}))
        known = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "it", "cluster": {"server": server.url, "insecure-skip-tls-verify": True}}],
            "users": [{"name": "it", "user": {"token": _TOKEN}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "current-context": "it",
        }
        (folder / "kubeconfig").write_text(json.dumps(known))
        options = [
            f"--{use}-kubeconfig={folder / 'kubeconfig'}" for use in ("lister", "authentication", "authorization")
        ]
        options += [
            f"--secure-port={port}",
            "--bind-address=127.0.0.1",
            f"--cert-dir={folder / 'certificates'}",
            f"--prometheus-url={prometheus}",
            "--metrics-relist-interval=2s",
            f"--config={folder / 'rules.json'}",
        ]
        super().__init__([str(prometheus_adapter_binary()), *options], folder)

    def ready(self) -> bool:
        """Whether it serves."""
        return bool(self.ask("/readyz"))

    def ask(self, path: str) -> str:
        """The answer to an autoscaler's question; empty where it is an error."""
        request = urllib.request.Request(f"{self.url}{path}", headers={"Authorization": f"Bearer {_TOKEN}"})
        try:
            with urllib.request.urlopen(request, timeout=30, context=_SELF_SIGNED) as response:
                return str(response.read().decode())
        except urllib.error.HTTPError:
            return ""


def _established(definition: dict[str, Any]) -> bool:
    conditions = definition.get("status", {}).get("conditions") or []
    return any(item["type"] == "Established" and item["status"] == "True" for item in conditions)


def _message(answer: str) -> str:
    try:
        return str(json.loads(answer)["message"])
    except (ValueError, KeyError):
        return answer
