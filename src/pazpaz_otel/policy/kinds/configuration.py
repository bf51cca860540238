"""Values that the operator configured: deployment names, versions, the identity of a process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pazpaz_otel.policy.kind_type import KindType, Prover
from pazpaz_otel.policy.kinds.identifiers import UUID_REFUSED, UUID_SHAPE

CONFIGURED_SHAPE: Final = r"^[A-Za-z0-9][A-Za-z0-9 ._:/@+=,()-]{0,254}$"
"""One line of printable ASCII without quotes: `my shop`, `com.example:shop`, `practice-api-2024112500`."""

ENVIRONMENTS: Final = (
    "production", "prod", "staging", "stage", "test", "testing", "qa", "ci", "preview", "sandbox", "demo",
    "development", "dev", "local",
)  # fmt: skip
"""Common names of deployment environments."""

_UUID: Final = re.compile(UUID_SHAPE)
_CONSTRUCTED_UUID: Final = re.compile(UUID_REFUSED)


def _instance(value: str, _: Mapping[str, Any], prover: Prover) -> str | None:
    if _UUID.fullmatch(value) and not _CONSTRUCTED_UUID.fullmatch(value):
        return value.lower()
    return value if prover.configured(value) else None


KINDS = (
    KindType(
        name="config",
        belongs="what the operator configured under this key, in `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES`",
        handling="leaves only if it is the configured value",
        shape=CONFIGURED_SHAPE,
        prove=lambda value, _, prover: value if prover.configured(value) else None,
        browser=True,
        refuses=("dvora\nlevinson", ""),
    ),
    KindType(
        name="environment",
        belongs="a common name of a deployment environment (`production`, `staging`, `dev` …), or the configured one",
        handling="leaves if it is a common name of an environment, or the configured one",
        shape=CONFIGURED_SHAPE,
        prove=lambda value, _, prover: value if value in ENVIRONMENTS or prover.configured(value) else None,
        untrusted="^(?:" + "|".join(ENVIRONMENTS) + ")$",
        browser=True,
        refuses=("dvora\nlevinson", ""),
    ),
    KindType(
        name="instance",
        belongs="a random UUID, or what the operator configured",
        handling="leaves if it is a random UUID, or configured",
        shape=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$",
        prove=_instance,
        refused=UUID_REFUSED,
        untrusted=UUID_SHAPE,
        refuses=("dvora levinson",),
    ),
    KindType(
        name="version",
        belongs="the version of an installed distribution or of Python, or a configured one",
        handling="leaves if it is the version of an installed distribution, or configured",
        shape=r"^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$",
        prove=lambda value, _, prover: value if prover.version(value) else None,
        browser=True,
        refuses=("dvora levinson",),
    ),
)
