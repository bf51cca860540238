"""What an API server publishes of its objects, as the strict JSON schemas that kubeconform reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs.kubernetes import ApiServer

TEMPLATE = "{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json"
"""The name of a kind's file, as kubeconform fills it in."""


def write(server: ApiServer, objects: list[dict[str, Any]], folder: Path) -> None:
    """Write the schema of each kind among some objects."""
    for version, kind in {(item["apiVersion"], item["kind"]) for item in objects}:
        path = f"apis/{version}" if "/" in version else f"api/{version}"
        schemas = server.call("GET", f"/openapi/v3/{path}")["components"]["schemas"]
        group, _, number = version.rpartition("/")
        wanted = {"group": group, "version": number, "kind": kind}
        name = next(
            name for name, schema in schemas.items() if wanted in schema.get("x-kubernetes-group-version-kind", [])
        )
        strict = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": _closed(schemas)}}
        # kubeconform takes the version for the group where there is none.
        (folder / f"{group or number}_{number}_{kind.lower()}.json").write_text(json.dumps(strict))


def _closed(schema: Any) -> Any:
    """Allow no other property where properties are named, unless the server keeps what it doesn't know."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(part) for key, part in schema.items()}
    named = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if named and not schema.get("x-kubernetes-preserve-unknown-fields"):
        closed.setdefault("additionalProperties", False)
    return closed
