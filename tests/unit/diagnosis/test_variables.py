"""What is wrong with a set of variables is said with the variable, its value and the hint."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.diagnosis.variables import judge
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from pathlib import Path

FINE = {"OTEL_SERVICE_NAME": "practice-api", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


def faults(**variables: str) -> list[str]:
    return [str(finding) for finding in judge(FINE | variables) if finding.state == "fault"]


def test_a_good_environment_has_no_faults():
    """Every kind of variable, as the specification has it, is taken without a word."""
    good = {
        "OTEL_TRACES_EXPORTER": "otlp,console",
        "OTEL_METRICS_EXPORTER": "otlp,prometheus",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://tempo.example/v1/traces",
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20t, x-tenant=clinic",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.25",
        "OTEL_PROPAGATORS": "tracecontext,baggage",
        "OTEL_RESOURCE_ATTRIBUTES": "service.version=1.4.2,deployment.environment.name=production",
        "OTEL_BSP_SCHEDULE_DELAY": "5000",
        "OTEL_PYTHON_EXCLUDED_URLS": "/internal/.*,health$",
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "redis,httpx",
        "PAZPAZ_OTEL_STRICT": "true",
        "SENTRY_DSN": "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.example/2",
    }
    assert judge(FINE | good) == []


@pytest.mark.parametrize(
    ("variable", "value", "told", "hint"),
    [
        ("OTEL_SDK_DISABLED", "true", "nothing is traced", "unset it"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grcp", "grcp; did you mean grpc?", "grpc, http/protobuf"),
        ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json", "http/json", "grpc, http/protobuf"),
        ("OTEL_TRACES_EXPORTER", "oltp", "oltp; did you mean otlp?", "console"),
        ("OTEL_LOGS_EXPORTER", "otlp,jaeger", "jaeger", "otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "no scheme of HTTP", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:port", "isn't a URL", "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/v1/traces", "appended again", "/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317", "gRPC", "4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Bearer abc", "no name and value", "authorization=Bearer%20TOKEN"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", '"http://collector:4318"', "no scheme of HTTP", "write http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http:/collector:4318", "names no host", "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://collector:4318/", "as it stands", "/v1/logs"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gz", "none of its values", "gzip"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "10s", "no number of seconds", "10"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem", "no file /nowhere/ca.pem", "absolute path"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "deltas", "none of its values", "cumulative"),
        ("OTEL_PYTHON_LOG_LEVEL", "verbose", "none of its values", "debug"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096", "more than the queue of 2048", "OTEL_BSP_MAX_QUEUE_SIZE"),
        ("OTEL_LOGS_EXPORTER", "otlp,none", "none among others", "alone"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.version=1;team=blue", "behind a semicolon", "commas"),
        ("OTEL_TRACES_SAMPLER", "alwayson", "alwayson; did you mean always_on?", "traceidratio"),
        ("OTEL_PROPAGATORS", "tracecontxt", "did you mean tracecontext?", "baggage"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.version=1,team a", "team a", "%2C"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "2k", "'2k'", "5000"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "5s", "'5s'", "5000"),
        ("WEB_CONCURRENCY", "four", "'four'", "such as 4"),
        ("OTEL_PYTHON_LOG_CORRELATION", "yes", "none of its values", "true, false"),
        ("OTEL_PYTHON_FASTAPI_EXCLUDED_URLS", "[", "regular expression", "escape"),
        ("OTEL_PYTHON_EXCLUDED_URLS", "/internal/,.*", ".* is found in every URL", "/internal/"),
        ("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "sqlalchmy", "did you mean sqlalchemy?", "redis"),
        ("PAZPAZ_OTEL_POLCY", "policy.yaml", "did you mean PAZPAZ_OTEL_POLICY?", ""),
        ("OTEL_EXPORTER_OTLP_ENDPONT", "http://c:4318", "did you mean OTEL_EXPORTER_OTLP_ENDPOINT?", "rename it"),
        ("OTEL_SEVICE_NAME", "api", "did you mean OTEL_SERVICE_NAME?", "rename it"),
        ("OTEL_TRACE_SAMPLER", "always_on", "did you mean OTEL_TRACES_SAMPLER?", "rename it"),
        ("SENTRY_DNS", "https://a@s.example/2", "did you mean SENTRY_DSN?", "rename it"),
        ("PAZPAZ_OTEL_GUARD_OUTPUT", "ja", "must be true or false", "unset it"),
        ("PAZPAZ_OTEL_SCRAPE_INTERVAL", "soon", "seconds", "unset it"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team,foo=bar", "team isn't key=value", "write key=value"),
        ("OTEL_PYTHON_DISTRO", "configurator", "selects another distribution", "pazpaz_otel"),
        ("SENTRY_DSN", "sentry.example/2", "isn't a DSN", "Client Keys"),
        ("SENTRY_DSN", "<get-from-bitwarden>", "isn't a DSN", "Client Keys"),
        ("OTEL_SERVICE_NAME", "${NAME}", "holds ${NAME}, which nothing filled in", "the value itself"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://${COLLECTOR}:4318", "holds ${COLLECTOR}", "the value itself"),
        ("PAZPAZ_OTEL_POLICY", "{{ policy }}", "holds {{ policy }}", "the value itself"),
        ("OTEL_SERVICE_NAME", '"api"', "is in quotes", "without quotes"),
        ("PAZPAZ_OTEL_POLICY", "'default'", "is in quotes", "without quotes"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20", "has no token", "the receiver's token"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http:// collector:4318", "isn't a URL", "http://localhost:4318"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0", "is 0: the SDK refuses to start", "unset it"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0", "is 0: the SDK refuses to start", "unset it"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "yes", "none of its values", "true, false"),
        ("OTEL_EXPERIMENTAL_CONFIG_FILE", "/otel.yaml", "nothing reads it any more", "OTEL_CONFIG_FILE"),
        ("otel_traces_exporter", "none", "did you mean OTEL_TRACES_EXPORTER?", "rename it"),
        ("PAZPAZ_OTEL_EXPLAIN", "/nowhere/dropped.jsonl", "its folder doesn't exist", "create the folder"),
        ("OTEL_PYTHON_ID_GENERATOR", "xray", "there is no id generator xray", "random"),
        ("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "otel,hots", "did you mean host?", "process"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0", "each export fails", "seconds"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4327", "a port of gRPC", "4328"),
        ("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST", "x-[id", "no regular expression", "escape"),
    ],
)
def test_a_fault_names_the_variable_and_the_hint(variable: str, value: str, told: str, hint: str):
    """Each misconfiguration is one line with variable, what is wrong and what to write."""
    [line] = faults(**{variable: value})
    assert line.startswith(f"{variable}: ")
    assert told in line
    assert hint in line


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"OTEL_TRACES_SAMPLER": "always_off"}, "no request is traced"),
        ({"OTEL_TRACES_SAMPLER": "parentbased_always_off"}, "with a traced caller"),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.0"}, "no request is traced"),
        ({"OTEL_EXPORTER_OTLP_TIMEOUT": "10000"}, "is 10000 seconds"),
        ({"OTEL_METRIC_EXPORT_INTERVAL": "60"}, "is 60 milliseconds"),
        ({"OTEL_BLRP_SCHEDULE_DELAY": "5"}, "is 5 milliseconds"),
        ({"OTEL_METRIC_EXPORT_INTERVAL": "600000"}, "is 600 seconds"),
        ({"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0"}, "no attribute leaves"),
        ({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "8"}, "is cut"),
        ({"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": ".*"}, "captures every header"),
        ({"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": "x-request-id"}, "captures headers"),
        ({"OTEL_EXPORTER_OTLP_TRACES_HEADERS": "authorization=Bearer%20t"}, "the others go there without headers"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.version=1,service.version=2"}, "service.version is set more than once"),
        ({"http_proxy": "http://p:3128", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, "this proxy"),
        ({"PAZPAZ_POLICY": "policy.yaml"}, "did you mean PAZPAZ_OTEL_POLICY?"),
        ({"PAZPAZ_OTEL_EXPLAIN": "true", "ENVIRONMENT": "production"}, "production, isn't a local one"),
        ({"PAZPAZ_OTEL_EXPLAIN": "/var/x.jsonl", "SENTRY_ENVIRONMENT": "prod"}, "writes no file"),
    ],
)
def test_what_does_nothing_there_is_worth_a_note(variables: dict[str, str], told: str):
    """A setting that is taken, and leaves nothing to see, is named with what to write in its place."""
    [note] = judge(FINE | variables)
    assert note.state == "note"
    assert told in note.text
    assert note.hint


def test_what_reaches_its_endpoint_needs_no_note():
    """Headers of a signal with an endpoint of its own, a proxy that is bypassed, and a wide limit are fine."""
    fine = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://traces.example/v1/traces",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "authorization=Bearer%20t",
        "HTTP_PROXY": "http://proxy:3128",
        "NO_PROXY": "localhost,collector",
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "4096",
        "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS": ".*",
    }
    assert judge(FINE | fine) == []


def test_a_key_without_its_certificate(tmp_path: Path):
    """A client's key is of no use without its certificate."""
    key = tmp_path / "key.pem"
    key.touch()
    [line] = faults(OTEL_EXPORTER_OTLP_CLIENT_KEY=str(key))
    assert "without OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE" in line


def test_a_pattern_and_a_price_are_no_placeholders():
    """An expression that ends in `$`, and a dollar in a text, are what they are."""
    fine = {"OTEL_PYTHON_EXCLUDED_URLS": "health$,/v[0-9]{1}$", "OTEL_RESOURCE_ATTRIBUTES": "service.version=$5"}
    assert judge(FINE | fine) == []


def test_variables_of_others_are_left_alone():
    """A name that only looks like a standard one is somebody else's."""
    others = {"OTEL_PYTHON_RQ_EXCLUDED_URLS": "x", "OTEL_SERVICE_NAMESPACE": "a", "SENTRY_DEBUG": "1"}
    assert judge(FINE | others) == []


def test_a_share_that_is_none():
    """A sampler's argument that isn't a share is a fault; one without a sampler is worth a note."""
    [line] = faults(OTEL_TRACES_SAMPLER="traceidratio", OTEL_TRACES_SAMPLER_ARG="50%")
    assert "50%" in line
    [note] = judge(FINE | {"OTEL_TRACES_SAMPLER_ARG": "0.5"})
    assert (note.state, note.subject) == ("note", "OTEL_TRACES_SAMPLER_ARG")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENABLE_METRICS", "false"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_LOGS_EXPORTER", "none"),
        ("OTEL_SERVICE_NAME", ""),
        ("OTEL_SERVICE_NAME", " "),
        ("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "*"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=one"),
    ],
)
def test_what_is_switched_off_is_told(variable: str, value: str):
    """A choice that takes something away is no fault, and is said."""
    [finding] = judge(FINE | {variable: value})
    assert finding.state == "note"


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_no_secret_is_in_a_finding(variable: str):
    """User and password of an endpoint are masked, and headers are never quoted."""
    told = faults(**{variable: "ftp://me:hunter2@collector:4318", "OTEL_EXPORTER_OTLP_HEADERS": "hunter2"})
    assert len(told) == 2
    assert not any("hunter2" in line for line in told)


def test_a_hint_survives_the_masking_of_secrets():
    """What to do about an empty token is told whole where findings are shown without the headers' values."""
    header = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20"}
    [finding] = judge(FINE | header)
    assert mask(finding.hint, header) == finding.hint


def test_a_switch_that_turns_nothing_off_is_noted():
    """`OTEL_SDK_DISABLED=1` leaves everything on, as the specification has it: who wrote it meant something else."""
    told = [finding for finding in judge(FINE | {"OTEL_SDK_DISABLED": "1"}) if finding.state == "note"]
    assert [(finding.subject, finding.text) for finding in told] == [
        ("OTEL_SDK_DISABLED", "turns nothing off: only true does")
    ]


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate, its key, the same key behind a password, another key, and a file of neither."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates")
    folder = tmp_path_factory.mktemp("pems")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 1 -subj /CN=collector",
        "rsa -in key.pem -aes128 -passout pass:abcd -out locked.pem",
        "genrsa -out other.pem 2048",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True, timeout=60)
    (folder / "text.pem").write_text("the certificate is with the administrator")
    return folder


@pytest.mark.parametrize(
    ("files", "variable", "told"),
    [
        ({"CERTIFICATE": "certificate"}, "", ""),
        ({"CERTIFICATE": "text"}, "CERTIFICATE", "holds no certificate in PEM"),
        ({"TRACES_CERTIFICATE": "key"}, "TRACES_CERTIFICATE", "holds no certificate in PEM"),
        ({"CLIENT_CERTIFICATE": "certificate", "CLIENT_KEY": "key"}, "", ""),
        ({"CLIENT_CERTIFICATE": "text", "CLIENT_KEY": "key"}, "CLIENT_CERTIFICATE", "holds no certificate in PEM"),
        ({"CLIENT_CERTIFICATE": "certificate", "CLIENT_KEY": "text"}, "CLIENT_KEY", "the certificate's key"),
        ({"CLIENT_CERTIFICATE": "certificate", "CLIENT_KEY": "other"}, "CLIENT_KEY", "the certificate's key"),
        ({"CLIENT_CERTIFICATE": "certificate", "CLIENT_KEY": "locked"}, "CLIENT_KEY", "without a password"),
        ({"CLIENT_CERTIFICATE": "certificate"}, "CLIENT_CERTIFICATE", "the certificate's key"),
    ],
)
def test_files_of_tls(pems: Path, files: dict[str, str], variable: str, told: str) -> None:
    """A file that holds no certificate, or not its key, is named with its variable, before anything is sent."""
    found = faults(**{f"OTEL_EXPORTER_OTLP_{kind}": str(pems / f"{name}.pem") for kind, name in files.items()})
    assert len(found) == bool(variable)
    for line in found:
        assert line.startswith(f"OTEL_EXPORTER_OTLP_{variable}: ")
        assert told in line
