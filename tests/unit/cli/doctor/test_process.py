"""What a process that ended before it examined itself is found to lack, and what follows from what it found."""

from __future__ import annotations

from pazpaz_otel.audit.application.describe import NOT_THERE
from pazpaz_otel.cli.doctor.process import examined, unstarted

STARTED = "pazpaz-opentelemetry: traces to http://c:4318; policy default 0123456789abcdef; instruments Django"
REFUSED = "pazpaz-opentelemetry: nothing is exported: policy.yaml: there is no such file"
DJANGO = "ImproperlyConfigured: You must either define the environment variable DJANGO_SETTINGS_MODULE or configure()"

EXAMINED = {
    "refused": None,
    "finished": True,
    "guarded": {"traces": True},
    "resource": {},
    "policy": "default",
    "digest": "0123456789abcdef",
    "unsent": None,
    "moved": [],
    "handlers": [],
    "providers": {},
    "hindrances": {},
    "loaded": [],
    "several": None,
    "ledger": "off",
    "no_ledger": None,
    "undeclared": {},
    "bridged": {},
    "unbridged": {},
    "keys": [],
}


def test_the_line_of_a_start_that_succeeded_is_no_reason():
    """What ended a process after its start is told, and not what the start said."""
    untraced = "pazpaz-opentelemetry: flask not traced: pip install opentelemetry-instrumentation-flask"
    assert "KeyError" in unstarted(None, 1, [STARTED, untraced, "Traceback", "KeyError: 'x'"]).text
    assert "there is no such file" in unstarted(None, 1, [REFUSED, "Traceback", "SystemExit: 1"]).text


def test_settings_of_django_that_are_missing_are_named():
    """A project of Django that finds no settings is told which variable to set, and not how to write `--app`."""
    finding = unstarted("clinic.wsgi:application", NOT_THERE, [STARTED, "Traceback", DJANGO])
    assert (finding.state, finding.subject) == ("fault", "DJANGO_SETTINGS_MODULE")
    assert "clinic.settings" in finding.hint


def test_settings_of_django_that_nothing_names_are_noted():
    """Where Django is instrumented and the variable is neither set nor set by the program, a note says so."""

    def noted(states: dict[str, str], *, unset: bool) -> bool:
        found = examined({**EXAMINED, "instrumentations": states, "no_django_settings": unset})
        return "DJANGO_SETTINGS_MODULE" in {one.subject for one in found if one.state == "note"}

    assert noted({"Django": "on 5.2"}, unset=True)
    assert not noted({"Django": "on 5.2"}, unset=False)
    assert not noted({"Django": "off: opentelemetry-instrumentation-django isn't installed"}, unset=True)
    assert not noted({}, unset=True)


def test_resource_attributes_that_stay_are_noted():
    """A key that the policy doesn't name, such as a misspelt one, is a note of the variable that has it."""
    line = "resource attributes that stay here: the policy doesn't name servce.version"
    found = examined({**EXAMINED, "instrumentations": {}, "no_django_settings": True, "unsent": line})
    assert ("note", "OTEL_RESOURCE_ATTRIBUTES", line) in {(one.state, one.subject, one.text) for one in found}


def test_what_keeps_a_provider_from_our_own_way_is_noted():
    """Each reason is a note by signal, but limits, whose variables are named; without one nothing is said."""

    def noted(**hindrances: str) -> dict[str, str]:
        found = examined({**EXAMINED, "instrumentations": {}, "hindrances": hindrances})
        return {one.subject: one.text for one in found if one.subject in {"traces", "metrics"}}

    assert noted() == {}
    assert noted(traces="limits that cut attributes") == {}
    found = noted(traces="another span processor", metrics="views of its own")
    assert found["traces"].startswith("their provider has another span processor")
    assert found["metrics"].startswith("their provider has views of its own")
