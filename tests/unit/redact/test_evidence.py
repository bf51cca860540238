"""What a process can prove, and what it can't."""

from __future__ import annotations

import pytest

from pazpaz_otel.redact.evidence import Evidence, is_configuration
from pazpaz_otel.settings import Settings


@pytest.mark.parametrize(
    ("route", "proven"),
    [
        ("/clients/{client_id}", True),
        ("/clients/7", False),
        ("/dvora", False),
        ("clients", False),
        ("/clients?x", False),
    ],
)
def test_a_route_is_one_of_the_application(evidence: Evidence, route: str, proven: bool):
    """A route is proven by being registered, never by looking like one."""
    assert evidence.route(route) is proven


@pytest.mark.parametrize("route", ["healthz", "clients/<int:pk>/", r"^clients/(?P<pk>[^/.]+)/?$"])
def test_a_route_is_proven_in_any_router_s_form(route: str):
    """Django's routes begin without a slash, have none at all, or are regular expressions."""
    evidence = Evidence()
    evidence.add_routes(lambda: (route,))
    assert evidence.route(route)
    assert not evidence.route(f"{route}x")


def test_a_route_added_later_is_found():
    """Routes that an application adds after its first request are proven, too."""
    routes = ["/a"]
    evidence = Evidence()
    evidence.add_routes(lambda: routes)
    assert not evidence.route("/b")
    routes.append("/b")
    assert evidence.route("/b")


def test_routes_are_read_up_to_the_one_asked_for():
    """FastAPI makes validators for each included route that is listed, which a process may never need."""
    read = []
    evidence = Evidence()
    evidence.add_routes(lambda: (read.append(route) or route for route in ("/a", "/b", "/c")))
    assert evidence.route("/b")
    assert read == ["/a", "/b"]
    assert evidence.route("/c")


def test_a_broken_application_proves_nothing():
    """An application whose routes can't be read doesn't stop the guard."""
    evidence = Evidence()
    evidence.add_routes(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    assert not evidence.route("/a")


@pytest.mark.parametrize(
    ("host", "proven"),
    [
        ("localhost", True),
        ("127.0.0.1:8000", True),
        ("::1", True),
        ("API.pazpaz.example", True),
        ("api.pazpaz.example:443", True),
        ("db.internal", True),
        ("api.pazpaz.example.evil.example", False),
        ("dvora-macbook.local", False),
        ("api.pazpaz.example:dvora", False),
        ("10.0.0.7", False),
        ("", False),
    ],
)
def test_a_host_is_known(evidence: Evidence, host: str, proven: bool):
    """A host is loopback, in the policy, or that of a URL in the environment."""
    assert evidence.host(host) is proven


def test_a_database_is_configured(evidence: Evidence):
    """A database's name is proven by the configuration; of a file only its last part leaves."""
    assert evidence.database("practice") == "practice"
    assert evidence.database("/srv/dvora/notes.db") == "notes.db"
    assert evidence.database(":memory:") == ":memory:"
    assert evidence.database("dvora") is None
    assert evidence.database("/srv/clinic/{}.db".format("dvora")) is None
    assert evidence.database_user("app_writer")
    assert not evidence.database_user("dvora")


@pytest.mark.parametrize(
    ("variable", "kind"),
    [
        ("PGDATABASE", "name"), ("POSTGRES_DB", "name"), ("APP_DB_NAME", "name"), ("DATABASE_NAME", "name"),
        ("PGHOST", "host"), ("POSTGRES_SERVER", "host"), ("REDIS_HOST", "host"), ("PGUSER", "user"),
        ("DB_USER", "user"),
        ("USER", None), ("HOSTNAME", None), ("LOGNAME", None), ("NAME", None), ("PGPASSWORD", None),
    ],
)  # fmt: skip
def test_a_part_of_a_databases_address_is_configuration(variable: str, kind: str | None):
    """Variables that name a database, its host or its account prove them; people's and machines' names aren't such."""
    settings = Settings.from_env({variable: "thing7"})
    evidence = Evidence(databases=settings.databases)
    assert (evidence.database("thing7") == "thing7") is (kind == "name")
    assert evidence.host("thing7") is (kind == "host")
    assert evidence.database_user("thing7") is (kind == "user")


@pytest.mark.parametrize(
    ("text", "is_name"),
    [
        ("practice-api", True),
        ("team/clinic.v2", True),
        ("my shop", True),
        ("com.example:shop", True),
        ("practice-api-2024112500", True),
        ("prod-eu", True),
        ("arn:aws:ecs:eu-west-1:123456789012:task/clinic", True),
        ("two\nlines", False),
        (" padded", False),
        ("a" * 256, False),
        ("", False),
    ],
)
def test_configuration_is_a_line_that_every_enforcer_takes(text: str, is_name: bool):
    """What the operator configured is taken as it stands, in the shape that the Collector takes as well."""
    assert is_configuration(text) is is_name
    assert Evidence(configured=[text]).configured(text) is is_name


def test_a_version_is_one_that_is_installed(evidence: Evidence):
    """A version is a distribution's or the configuration's: a date of birth has the same shape."""
    from importlib.metadata import version

    assert evidence.version(version("pytest"))
    assert not evidence.version("1985.3.12")
    evidence.add_versions(["1985.3.13-rc1"])
    assert evidence.version("1985.3.13-rc1")


def test_another_policy_widens_its_own_guard_only(evidence: Evidence):
    """A second policy's hosts and identifiers count beside what the process proves, and nowhere else."""
    wider = evidence.widened(hosts=["sms.example"], identifiers=["audit_log"])
    assert wider.host("sms.example")
    assert wider.host("db.internal")
    assert wider.identifier("audit_log")
    assert wider.identifier("clients")
    assert wider.route("/ping")
    assert wider.database("practice") == "practice"
    assert wider.configured("clinic")
    assert not evidence.host("sms.example")
    assert not evidence.identifier("audit_log")


def test_a_job_is_known_by_the_bare_name_of_its_function() -> None:
    """Registries have `clinic.jobs.remind`; people write `remind`. A part of it that is no function isn't known."""
    evidence = Evidence()
    evidence.add_tasks(["clinic.jobs.remind"])
    evidence.add_task_source(lambda: ["clinic.tasks.nightly", "celery.backend_cleanup"])
    assert all(map(evidence.task, ["clinic.jobs.remind", "remind", "clinic.tasks.nightly", "nightly"]))
    assert not any(map(evidence.task, ["clinic", "jobs", "clinic.jobs", "dvora", "tasks.nightly"]))
