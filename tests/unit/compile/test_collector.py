"""The rendered Collector configuration, as text: what holds without running it."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.compile.collector import ALWAYS, LAST, OPTIONAL, render
from pazpaz_otel.compile.collector.ottl import STATE, TRUSTED, matches, misfits, proven, text
from pazpaz_otel.policy import KIND_TYPES, Kind, load_policy, pattern
from pazpaz_otel.policy.kinds import make_kind

POLICY = load_policy()
FILES = render(POLICY)
CONFIG: dict[str, Any] = {name: yaml_text.load(body) for name, body in FILES.items()}


def test_every_file_has_its_place() -> None:
    """Each rendered file is one that is always loaded, or an optional one; the user's own is never written."""
    assert sorted(FILES) == sorted((*ALWAYS, *OPTIONAL))
    assert LAST not in FILES


def test_rendering_is_repeatable() -> None:
    """The same policy gives the same text, so that a stale file can be told."""
    assert render(load_policy()) == FILES


def test_errors_drop() -> None:
    """No processor of the wall goes on after an error: `ignore`, the default, would pass the data as it came."""
    modes = {
        name: processor["error_mode"]
        for config in CONFIG.values()
        for name, processor in (config.get("processors") or {}).items()
        if name.startswith(("transform", "filter"))
    }
    assert len(modes) >= 15
    assert set(modes.values()) == {"propagate"}


def test_no_way_round_the_wall() -> None:
    """What a sender sends is marked as its own and goes through the wall at once; of nginx, only counts leave."""
    pipelines = {
        name: pipeline
        for config in CONFIG.values()
        for name, pipeline in ((config.get("service") or {}).get("pipelines") or {}).items()
    }
    fed = {name: one for name, one in pipelines.items() if any(r.startswith("otlp") for r in one["receivers"])}
    assert len(fed) == 6
    for name, pipeline in fed.items():
        signal, sender = name.split("/")
        assert pipeline["receivers"] == [f"otlp/{sender}"]
        assert pipeline["processors"][-1] == f"transform/{sender}_{signal}"
        assert pipeline["exporters"] == [f"forward/{signal}_wall"]
    for signal in ("traces", "metrics", "logs"):
        wall = pipelines[f"{signal}/wall"]
        assert wall["receivers"] == [f"forward/{signal}_wall"]
        assert wall["processors"] == [f"transform/{signal}"]
        assert all(exporter.startswith("forward/") for exporter in wall["exporters"])
        assert [name for name, one in pipelines.items() if f"forward/{signal}_wall" in one["receivers"]] == [
            f"{signal}/wall"
        ]
    assert pipelines.pop("logs/nginx")["exporters"] == ["count/nginx"]
    assert pipelines.pop("metrics/nginx")["receivers"] == ["count/nginx"]
    for name, pipeline in pipelines.items():
        if name not in fed:
            assert all(receiver.startswith("forward/") for receiver in pipeline["receivers"])


def test_each_span_is_rebuilt_once() -> None:
    """Of the short way and the long one a span takes exactly one, and the short one proves nothing in another way."""
    groups = CONFIG["wall-traces.yaml"]["processors"]["transform/traces"]["trace_statements"]
    last = "set(span.attributes, span.cache)"
    short, long = [group for group in groups if last in group["statements"]]
    assert long["conditions"] == [f"not {short['conditions'][0]}"]
    assert not [
        statement for statement in short["statements"] + long["statements"] if "set(span.trace_state" in statement
    ]
    assert short["statements"][-1] == long["statements"][-1] == last
    assert set(short["statements"]) < set(long["statements"])


@pytest.mark.parametrize("signal", ["traces", "metrics", "logs"])
def test_no_sender_says_itself_that_it_is_trusted(signal: str) -> None:
    """The last word on a sender, before the wall asks for it, is that of the pipeline that received the data."""
    processors = CONFIG[f"wall-{signal}.yaml"]["processors"]
    marks = {
        sender: [
            group["statements"] for group in processors[f"transform/{sender}_{signal}"][f"{signal[:-1]}_statements"]
        ]
        for sender in ("guarded", "strict")
    }
    assert marks["guarded"] == [[f'set(resource.attributes["{STATE}"], "other")']]
    assert marks["strict"] == [[f'set(resource.attributes["{STATE}"], "unguarded")']]


def test_the_guarded_receiver_authenticates() -> None:
    """Both protocols of the believed receiver ask for the token; the token itself is in no file."""
    protocols = CONFIG["base.yaml"]["receivers"]["otlp/guarded"]["protocols"]
    assert {name: one["auth"]["authenticator"] for name, one in protocols.items()} == {
        "grpc": "bearertokenauth",
        "http": "bearertokenauth",
    }
    assert "filename" in CONFIG["base.yaml"]["extensions"]["bearertokenauth"]


@pytest.mark.parametrize("name", [name for name, one in KIND_TYPES.items() if one.needs_process])
def test_strangers_prove_nothing_at_run_time(name: str) -> None:
    """A kind that only the running process proves is refused from strangers, or cut down to a closed list."""
    condition = proven("span.attributes", make_kind(name), POLICY)
    assert condition is not None
    if KIND_TYPES[name].untrusted is None:
        assert f" and {TRUSTED} and " in condition
        assert " or " not in condition
        return
    shape, _, alone = condition.partition(f" and ({TRUSTED} or ")
    assert " or " not in shape
    assert "[A-Za-z" not in alone.replace("[0-9a-fA-F]", "").replace("[2-7]", "")
    assert alone.endswith(")")


@pytest.mark.parametrize("kind", [rule.kind for rule in POLICY.attributes.values()], ids=list(POLICY.attributes))
def test_patterns_fit_re2(kind: Kind) -> None:
    """No pattern repeats more than a thousand times, nested repeats included: RE2 refuses those."""
    regex = pattern(kind)
    if regex is None:
        return
    condition = matches("x", regex)
    counts = [int(bound) for bound in re.findall(r"\{\d+,(\d+)\}", condition)]
    assert all(bound <= 1000 for bound in counts)
    assert proven("x", kind, POLICY) is not None


@pytest.mark.parametrize("start", ["", "[a-z_]"])
@pytest.mark.parametrize("least", [0, 1])
def test_one_bound_is_a_length(start: str, least: int) -> None:
    """RE2 compiles nothing 255 times over for a pattern with one bound, and the same lengths fit."""
    regex = f"^{start}[a-z.:_-]{{{least},254}}$"
    fitting = re.fullmatch(r'x >= "" and IsMatch\(x, "(.*)"\) == true and Len\(x\) <= (\d+)', matches("x", regex))
    assert fitting is not None
    unbounded, longest = fitting[1].replace("$$", "$"), int(fitting[2])
    assert "{" not in unbounded
    for length in (0, 1, 2, 254, 255, 256):
        fits = re.search(unbounded, "a" * length) is not None and length <= longest
        assert fits == (re.search(regex, "a" * length) is not None)


@pytest.mark.parametrize("regex", ["^[A-Z][a-z.]{0,3}$", "^[a-z.]{1,3}$"])
def test_a_misfit_is_what_does_not_match(regex: str) -> None:
    """Every string of some letters matches either a pattern or that of its misfits; only the empty one neither."""
    bad = misfits(regex)
    assert bad is not None
    for length in range(1, 6):
        for letters in itertools.product("Aa.\n\N{LATIN SMALL LETTER E WITH ACUTE}", repeat=length):
            value = "".join(letters)
            fits, is_bad = re.fullmatch(regex[1:-1], value) is not None, re.fullmatch(bad, value) is not None
            assert fits is not is_bad, value


def test_some_patterns_have_no_misfits() -> None:
    """A pattern that the empty string matches, or that isn't one repeated class, is judged by itself."""
    assert [misfits(regex) for regex in ("^[a-z]{0,9}$", "^(?:a|b)$", "^[^x]{1,9}$", "")] == [None] * 4


@pytest.mark.parametrize("regex", ["^[^x]{0,254}$", "^[é]{0,254}$", "^[a-z]{0,9}/[a-z]{0,254}$", "^(?:a|bc){0,254}$"])
def test_a_bound_that_is_no_length_stays(regex: str) -> None:
    """Bytes aren't counted where characters or a part of the text are bounded."""
    condition = matches("x", regex)
    assert "{0,254}" in condition
    assert "Len(" not in condition


def test_literals_survive_the_collectors_expansion() -> None:
    """A dollar sign in a pattern isn't taken for a variable."""
    assert text('^a"\\d$') == '"^a\\"\\\\d$$"'
