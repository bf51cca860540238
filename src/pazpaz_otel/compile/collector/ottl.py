"""Building blocks in the Collector's transformation language (OTTL) that all signals share.

The wall rebuilds instead of deleting: it fills a new map with the policy's keys, each only if its value is proven, and
replaces the old map with it. Duplicate keys, nested maps, arrays and bytes therefore never pass, whatever types a later
release of the protocol adds.

Source: OTTL's LANGUAGE.md and the README of its functions, release 0.161.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.policy.kinds import KIND_TYPES, bounds, pattern
from pazpaz_otel.policy.literals import MARK, MARK_RE2, MAX_MARK_BYTES, REFUSED_RE2

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pazpaz_otel.policy import Kind, Policy
    from pazpaz_otel.policy.kind_type import KindType
    from pazpaz_otel.policy.model import Place

PLACEHOLDER: Final = "<redacted>"
"""What replaces an unproven text; the guards in the process use the same word."""

DROPPED: Final = "pazpaz_otel.wall.dropped"
"""The attribute that says how many attributes the wall removed, but never which."""

STATE: Final = "pazpaz_otel.policy.state"
"""The resource attribute in which the wall records how the sender's policy relates to its own."""

UNGUARDED: Final = "unguarded"
"""The state of untrusted senders."""

TRUSTED: Final = f'resource.attributes["{STATE}"] != "{UNGUARDED}"'
"""The condition that a sender authenticated. What its guards proved at run time is accepted if it fits its shape."""

UNTRUSTED: Final = f'resource.attributes["{STATE}"] == "{UNGUARDED}"'
"""The condition that a sender didn't: only what the value alone proves is accepted."""

_RE2_MAX_REPEATS: Final = 1000
# One repeated class of ASCII characters, perhaps after one such character: its length in bytes says how often.
_ONE_RUN: Final = re.compile(r"\^((?:\[[^]\\^](?:[^]\\]|\\.)*\])?)(\[[^]\\^](?:[^]\\]|\\.)*\])\{([01]),(\d+)\}\$")
# A double as the Collector prints it: an integer, or a fraction with as many significant digits as the guards keep.
_SIX_DIGITS: Final = r"^-?(?:[0-9]+|0\.0*[0-9]{1,6}|[0-9.]{3,7}|[0-9.]{1,7}e[+-][0-9]{2})$"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def text(value: str) -> str:
    """Return an OTTL string literal, with `$` doubled because the Collector's configuration expands it."""
    return json.dumps(value, ensure_ascii=False).replace("$", "$$")


def attribute(path: str, key: str) -> str:
    """Return the path of one attribute, such as `span.attributes["http.route"]`."""
    return f"{path}[{text(key)}]"


def is_text(path: str) -> str:
    """Return the condition that a value is a string: nothing else compares with one (LANGUAGE.md, Comparison Rules)."""
    return f"{path} >= {text('')}"


def holds(function: str, path: str, regex: str | None = None) -> str:
    """Return the condition that a function, such as `IsMatch`, is true of the value at `path`.

    OTTL's parser tries each condition as a comparison first, and reads it a second time if it isn't one.
    """
    arguments = path if regex is None else f"{path}, {text(regex)}"
    return f"{function}({arguments}) == true"


def matches(path: str, regex: str, *, before: str | None = None) -> str:
    """Return the condition that a string fully matches one of the policy's patterns.

    What else has to hold is asked before the pattern, which costs most, and after the type, which absent values lack.

    RE2 allows at most 1000 repetitions; a longer bound becomes a limit on the length. So does the only bound of a
    pattern: RE2 compiles a copy of what is repeated for each repetition, a hundred kilobytes for 255.
    """
    # A negated class would match invalid UTF-8, which RE2 reads as U+FFFD and exporters reject.
    unbounded, bound = _for_re2(regex.replace("[^", "[^\N{REPLACEMENT CHARACTER}"))
    condition = " and ".join(filter(None, (is_text(path), before, holds("IsMatch", path, unbounded))))
    return condition if bound is None else f"{condition} and Len({path}) <= {bound}"


def proven(path: str, kind: Kind, policy: Policy) -> str | None:
    """Return the condition that the value at `path` belongs to `kind`, or `None` if nobody can prove it here.

    Of an untrusted sender it only holds if the value alone proves it.
    """
    kind_type = KIND_TYPES[kind.name]
    if kind_type.boolean:
        return holds("IsBool", path)
    limits = bounds(kind)
    if limits is not None:
        within = f"{path} >= {_number(limits[0])} and {path} <= {_number(limits[1])}"
        if kind_type.whole:
            return f"{holds('IsInt', path)} and {within}"
        # Check the bounds first: only numbers are within them (LANGUAGE.md, Comparison Rules), not infinities nor NaN.
        return f"{within} and {holds('IsMatch', path, _SIX_DIGITS)}"
    regex = pattern(kind)
    if regex is None:
        return None
    by_itself = _untrusted(kind_type, policy)
    believed = kind.proof != "grammar"
    condition = matches(path, regex, before=TRUSTED if believed and by_itself is None else None)
    if kind_type.refused is not None:
        condition += f" and not {holds('IsMatch', path, kind_type.refused)}"
    return f"{condition} and ({TRUSTED} or {matches(path, by_itself)})" if believed and by_itself else condition


def rebuilt(
    prefix: str, policy: Policy, *, count: str | None = None, only: Mapping[str, str] | None = None
) -> list[str]:
    """Return statements that rebuild `prefix.attributes` from the policy's keys.

    Args:
        prefix: the OTTL context, such as `span`.
        policy: the keys and their kinds.
        count: the map that records how many attributes were removed; `None` for the rebuilt map itself.
        only: the keys to keep, each with a further condition without `or`, or an empty text; `None` for all that fit.
    """
    statements: list[str] = []
    place: Place = "resource" if prefix == "resource" else "signal"
    fitting = {key: "" for key, rule in policy.attributes.items() if rule.fits(place)}
    if prefix == "resource":
        # Half of its keys are of one kind.
        statements, together = _judged_together(prefix, policy, list(fitting))
        fitting = {key: "" for key in fitting if key not in together}
    for key, further in (fitting if only is None else only).items():
        source = attribute(f"{prefix}.attributes", key)
        condition = proven(source, policy.attributes[key].kind, policy)
        if condition is not None:
            condition += f" and {further}" if further else ""
            statements.append(f"set({attribute(f'{prefix}.cache', key)}, {source}) where {condition}")
    lost = f"Len({prefix}.attributes) - Len({prefix}.cache)"
    where = f"where Len({prefix}.attributes) > Len({prefix}.cache)"
    target = attribute(count or f"{prefix}.cache", DROPPED)
    return [
        *statements,
        *([f"set({target}, {target} + {lost}) {where} and {target} != nil"] if count else []),
        f"set({target}, {lost}) {where} and {target} == nil",
        f"set({prefix}.attributes, {prefix}.cache)",
    ]


def misfits(regex: str) -> str | None:
    """Return the pattern of all strings but the empty one that don't match `regex`, or None if that has no such form.

    RE2 has no negation, but for one repeated class there is a pattern: what doesn't match begins otherwise, goes on
    otherwise, or is longer.
    """
    run = _ONE_RUN.fullmatch(regex) if regex.isascii() else None
    if run is None or re.fullmatch(regex, ""):
        return None
    first, repeated, _, bound = run.groups()
    longest = int(bound) + bool(first)
    begins, goes_on = (f"[^{one[1:]}" for one in (first or repeated, repeated))
    return rf"(?s)^(?:{begins}|.+{goes_on}|.{{{longest + 1}}}).*$" if longest < _RE2_MAX_REPEATS else None


# Of the keys that only a guard can prove, those of the commonest pattern: in a copy of the attributes one statement
# empties whatever doesn't match, and each key is taken from there if a text is left.
def _judged_together(prefix: str, policy: Policy, keys: Sequence[str]) -> tuple[list[str], set[str]]:
    by_pattern: dict[str, list[str]] = {}
    for key in keys:
        kind = policy.attributes[key].kind
        kind_type, regex = KIND_TYPES[kind.name], pattern(kind)
        if kind.proof != "grammar" and regex and kind_type.untrusted is None and kind_type.refused is None:
            by_pattern.setdefault(regex, []).append(key)
    regex, together = max(by_pattern.items(), key=lambda item: len(item[1]), default=("", []))
    bad = misfits(regex)
    if bad is None:
        return [], set()
    copy = attribute(f"{prefix}.cache", DROPPED)
    return [
        f"set({copy}, {prefix}.attributes) where {TRUSTED}",
        f"replace_all_patterns({copy}, {text('value')}, {text(bad)}, {text('')}) where {TRUSTED}",
        *(
            f"set({attribute(f'{prefix}.cache', key)}, {source}) where {source} > {text('')}"
            for key, source in ((key, attribute(copy, key)) for key in together)
        ),
        f"delete_key({prefix}.cache, {text(DROPPED)})",
    ], set(together)


def literal_fields(policy: Policy) -> list[str]:
    """Return statements that restore the log fields that a guard marked as literals; run them before `rebuilt`.

    The whole mark must have the literals' format. Keys that the policy names are ignored: their kind decides. Marked
    keys are then present among the attributes, so that `rebuilt` counts only the others as removed.
    """
    mark = attribute("log.attributes", MARK)
    sized = f"{is_text(mark)} and Len({mark}) <= {MAX_MARK_BYTES}"
    shape = f"{sized} and {holds('IsMatch', mark, MARK_RE2)} and not {holds('IsMatch', mark, REFUSED_RE2)}"
    named = "|".join(re.escape(key) for key in sorted(policy.attributes))
    return [
        f"set(log.cache, ParseJSON({mark})) where {shape} and {TRUSTED}",
        f"delete_key(log.attributes, {text(MARK)}) where Len(log.cache) > 0",
        f"delete_matching_keys(log.cache, {text(f'^(?:{named})$')}) where Len(log.cache) > 0",
        f"merge_maps(log.attributes, log.cache, {text('insert')}) where Len(log.cache) > 0",
    ]


def replaced(path: str, condition: str, by: str = PLACEHOLDER) -> str:
    """Return the statement that replaces the value at `path` unless `condition` holds."""
    return f"set({path}, {text(by)}) where not ({condition})"


def free_text(path: str, *, longest: int = 4096, strict: str = PLACEHOLDER) -> list[str]:
    """Return the statements that keep a trusted sender's text if it fits the shape, and replace any other.

    Args:
        path: where the text is.
        longest: how many bytes of a trusted sender's text may pass.
        strict: what replaces an untrusted sender's text.
    """
    shaped = matches(path, rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]{{0,{longest}}}$")
    return [
        f"set({path}, {text(strict)}) where {path} != {text('')} and {UNTRUSTED}",
        f"{replaced(path, shaped)} and {path} != nil and {TRUSTED}",
    ]


def bounded(path: str, high: int) -> str:
    """Return the statement that sets a number beyond 0 and `high` to zero: nine digits can identify a person."""
    return f"set({path}, 0) where {path} < 0 or {path} > {high}"


def _untrusted(kind_type: KindType, policy: Policy) -> str | None:
    hosts = "|".join(re.escape(host) for host in (*_LOOPBACK, *sorted(policy.hosts)))
    return None if kind_type.untrusted is None else kind_type.untrusted.replace("{hosts}", hosts)


def _for_re2(regex: str) -> tuple[str, int | None]:
    run = _ONE_RUN.fullmatch(regex) if regex.isascii() else None
    if run is not None:
        first, repeated, least, bound = run.groups()
        return f"^{first}{repeated}{'+' if int(least) else '*'}$", int(bound) + bool(first)
    bounds = [int(bound) for bound in re.findall(r"\{[01],(\d+)\}", regex) if int(bound) > _RE2_MAX_REPEATS]
    nested = re.search(r"\{\d+,\d+\}[^()]*\)\{\d+,\d+\}", regex) is not None
    for least, star in (("0", "*"), ("1", "+")):
        for bound in bounds:
            regex = regex.replace(f"{{{least},{bound}}}", star)
        if nested:
            regex = re.sub(rf"\)\{{{least},\d+\}}", f"){star}", regex)
    if nested and not bounds:
        bounds = [4096]
    return regex, max(bounds) if bounds else None


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(float(value))
