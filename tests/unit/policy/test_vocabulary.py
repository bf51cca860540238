"""The semantic conventions, classified: nothing of a release is overlooked, nothing of a person is kept."""

from __future__ import annotations

import enum
import importlib
import pkgutil
import re
from typing import Any

import pytest
from opentelemetry.semconv import attributes as stable
from opentelemetry.semconv._incubating import attributes as incubating

from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.advice import is_personal
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.load import build
from pazpaz_otel.policy.vocabulary import PLACES, conventions, refused

KEPT: dict[str, Any] = {key: rule for rules in conventions().data.values() for key, rule in rules.items()}


def installed() -> dict[str, list[str]]:
    """The attributes of the installed conventions, with the values of those that are enumerations."""
    found: dict[str, list[str]] = {}
    for package in (incubating, stable):
        for module in pkgutil.iter_modules(package.__path__):
            names = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
            values = {
                name.removesuffix("Values").lower(): [str(member.value) for member in value]
                for name, value in names.items()
                if isinstance(value, type) and issubclass(value, enum.Enum) and value is not enum.Enum
            }
            for name, value in names.items():
                if name.isupper() and isinstance(value, str):
                    found[value] = values.get(name.replace("_", "").lower(), found.get(value, []))
    return found


INSTALLED = installed()


def test_every_attribute_of_the_conventions_is_classified():
    """Each attribute of the installed conventions is kept with a kind or refused with a reason, and none is both."""
    assert len(INSTALLED) > 800
    unknown = sorted(INSTALLED.keys() - KEPT.keys() - refused().keys())
    assert unknown == [], "classify them in src/pazpaz_otel/policy/vocabulary/"
    assert sorted(KEPT.keys() & refused().keys()) == []
    assert sum(len(rules) for rules in conventions().data.values()) == len(KEPT)
    assert sorted({*KEPT, *refused()} - INSTALLED.keys()) == []


def test_the_default_policy_has_what_is_kept():
    """The default policy has every attribute that is kept, with that kind and in that place, and no refused one."""
    policy = load_policy()
    assert {key: rule.place for key, rule in policy.attributes.items() if rule.place != "anywhere"} == {
        key: place for place in PLACES for key in conventions().data[place]
    }
    own = build(Document(f"version: 1\nattributes: {KEPT!r}".replace("'", '"'), "kept.yaml")).attributes
    for key in own.keys() & policy.attributes.keys():
        assert policy.attributes[key].kind == own[key].kind, key
    assert sorted(policy.attributes.keys() & refused().keys()) == []
    assert not policy.attributes.keys() & conventions().data["optional"].keys()


@pytest.mark.parametrize("key", [key for key, rule in KEPT.items() if isinstance(rule, dict) and "enum" in rule])
def test_an_enumeration_takes_the_conventions_values(key: str):
    """What the conventions give as an attribute's values leaves, but for languages and systems that can't be ours."""
    missing = {*INSTALLED[key]} - {*KEPT[key]["enum"]}
    ours = {"telemetry.sdk.language", "os.type", "host.arch", "network.transport", "net.transport", "error.type"}
    assert not missing or key in ours or key in {"http.request.method", "http.flavor"}, missing


@pytest.mark.parametrize(
    "key",
    [
        "client.address", "network.peer.address", "http.client_ip", "source.address", "net.peer.ip", "dns.answers",
        "user.email", "user.full_name", "user.name", "user.hash", "enduser.pseudo.id", "session.id", "geo.postal_code",
        "url.query", "http.request.header", "graphql.document", "db.query.parameter", "messaging.kafka.message.key",
        "aws.s3.key", "gen_ai.prompt", "gen_ai.completion", "gen_ai.input.messages", "gen_ai.output.messages",
        "gen_ai.system_instructions", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "mcp.resource.uri",
        "process.command_line", "host.name", "file.path", "db.connection_string", "log.record.original",
    ],
)  # fmt: skip
def test_what_holds_a_person_or_content_is_refused(key: str):
    """People, addresses, content of requests, messages and prompts, machines and files don't leave."""
    assert key in refused()
    assert key not in load_policy().attributes


def test_identifiers_are_accounts_or_chance():
    """A kept identifier is a random one; no key that reads like a person's has a kind of identifiers."""
    for key, rule in KEPT.items():
        if rule in ("uuid", "event_id"):
            assert re.search(r"(?:\.|_)id$", key)
            assert key.startswith(("user.", "enduser.")) or not is_personal(key)


@pytest.mark.parametrize(
    "key",
    [
        "rpc.service", "rpc.method", "messaging.operation.name", "messaging.destination.name", "celery.task_name",
        "faas.trigger", "graphql.operation.name", "aws.dynamodb.table_names", "gen_ai.request.model",
        "gen_ai.usage.input_tokens", "messaging.system",
    ],
)  # fmt: skip
def test_the_fields_vocabulary_is_kept(key: str):
    """What messaging, RPC, GraphQL, AWS, Celery, functions and language models emit is in the default policy."""
    assert load_policy().attributes[key].fits("signal")
