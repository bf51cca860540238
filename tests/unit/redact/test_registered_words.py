"""Which paths of registered routes the source is able to make."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.registered_words import RegisteredWords
from pazpaz_otel.settings import registered_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = """
from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    mount_path: str = ""
    owner: str = ""
    storage: str = ""
settings = Settings(
    mount_path="/" + "".join(["fr", "ont"]), owner="".join(["oh", "ad"]), storage="".join(["/data/el", "ad"])
)
API_PREFIX = "/" + "".join(["mez", "uman"])
portal_prefix = "/" + "".join(["per", "ach"])
JOB = "linen.counted"
BEDS = ["/beds/{bed_id}:free", r"^wards/(?P<ward_id>[^/.]{1,20})/$", "sheets", "<uuid:pillow_id>"]
class LaundryBag: ...
class BatteryBox:
    OPEN_LIDS = object()
def fold_towels(towel_id): return f"/hampers/{towel_id}"
"""
FOUND = (
    "/beds/{bed_id}:free",
    "/v2/beds/{bed_id}",
    "^wards/(?P<ward_id>[^/.]+)/$",
    "wards/",
    r"^sheets/(?P<pk>[^/.]+)\.(?P<format>[a-z0-9]+)/?$",
    "/sheets/<uuid:pillow_id>/fold_towels",
    "/sheets/fold-towels/{towel_id:path}",
    "/laundrybag/<int:pk>",
    "/hampers/",
    "/front/sheets",
    "/mezuman/sheets",
    "/laundry-bags/{laundry_bag_id}/",
    "/batteryboxes/open_lids",
    "/battery_boxes/open-lids",
    "/static/<path:path>",
    "/docs/oauth2-redirect",
    r"^beds/(?P<bed_id>[0-9a-fA-F_\-]{8}\d{1,4})\.free/$",
    "/",
)
# Reversed, so that this file doesn't say them.
MADE = (
    "maon",
    "7",
    "305123",
    "v123456",
    "shomron-ben-ami",
    "daho",
    "beds-maon",
    "bed",
    "מעון",
    "77v",
    "dale",
    "hcarep",
)
SIGNS = ("🦄", "ⓓⓥⓞ", "%D7%93%D7%91", "sheets\u0301", "[d-v]", "[0-52-71-8]", "[🦄]", "\\🦄", ".{305}")


@pytest.fixture(scope="module", autouse=True)
def _loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Load a module as the application's only one: tests, and the programs that they import, aren't its own."""
    folder = tmp_path_factory.mktemp("laundry")
    (folder / "laundry_of_a_test.py").write_text(MODULE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        importlib.import_module("laundry_of_a_test")
        importlib.import_module("fastapi")
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            is_kept = name.partition(".")[0] in {"__main__", "laundry_of_a_test", "pazpaz_otel"}
            if file and not is_kept and not is_installed(file):
                patch.delitem(sys.modules, name)
        yield
        del sys.modules["laundry_of_a_test"]


@pytest.fixture
def words() -> RegisteredWords:
    """The words of that module, and of all that is loaded."""
    return RegisteredWords()


@pytest.fixture(scope="module")
def read_words() -> RegisteredWords:
    """The same, read once for the tests that only ask: packages are a lot to read."""
    return RegisteredWords()


@pytest.mark.parametrize("route", FOUND)
def test_a_path_of_the_source_s_pieces_is_proven(read_words: RegisteredWords, route: str) -> None:
    """Frameworks join prefixes, templates and names; what a package registers stands in its own source."""
    assert read_words.make_path(route)


def test_what_a_package_registers_with_a_framework_is_proven(
    words: RegisteredWords, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package may hold no more of its framework than a partial, and admins make paths of its models."""
    package = tmp_path / "site-packages" / "presses_of_a_test"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "models.py").write_text(
        "from functools import partial\nimport fastapi\npath = partial(fastapi.APIRouter)\n"
        'PATHS = ["steam/ready/", "(?P<nozzle>.*)$"]\nclass PressGang: ...\nWORD = "goffering"\n'
    )
    (package / "aggregates.py").write_text("from presses_of_a_test.models import path\nclass Maxer: ...\n")
    monkeypatch.syspath_prepend(package.parent)
    importlib.import_module("presses_of_a_test.models")
    importlib.import_module("presses_of_a_test.aggregates")
    for name in ("presses_of_a_test", "presses_of_a_test.models", "presses_of_a_test.aggregates"):
        monkeypatch.setitem(sys.modules, name, sys.modules[name])
    assert all(map(words.make_path, ("steam/ready/", "sheets/(?P<nozzle>.*)$", "sheets/pressgang/")))
    other = ["gnireffog"[::-1], "sgnag-sserp"[::-1], "rexam"[::-1]]
    assert not any(map(words.make_path, other))


@pytest.mark.parametrize("made", [word[::-1] for word in MADE])
@pytest.mark.parametrize(
    "route",
    [
        "/beds/{}",
        "/{}/sheets",
        "^wards/(?P<{}>x)/$",
        "/sheets/{{bed_id}}-{}",
        "/v2/{}.free",
        "/beds/[{}]",
        "/beds/{{{}}}",
        r"/sheets/\b\{}",
    ],
)
def test_a_path_with_a_word_of_data_is_not(read_words: RegisteredWords, route: str, made: str) -> None:
    """A row's slug, number or name stands nowhere, nor does a part of a word or a field that is no path."""
    assert not read_words.make_path(route.format(made))


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_that_isn_t_a_letter_is_no_syntax(read_words: RegisteredWords, sign: str) -> None:
    """A slug may be spelt by symbols, accents, bytes or the ranges of an expression."""
    assert not read_words.make_path("/sheets/" + sign)


def test_a_name_that_data_gave_to_a_module_proves_nothing(
    words: RegisteredWords, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application may load a file for each client, under the client's name."""
    client = "maon"[::-1]
    file = tmp_path / "plugin_of_a_test.py"
    file.write_text("def fold(): ...")
    spec = importlib.util.spec_from_file_location(client, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, client, module)
    spec.loader.exec_module(module)
    monkeypatch.syspath_prepend(tmp_path)
    assert words.make_path("/fold")
    assert not words.make_path(f"/{client}")
    assert not words.make_name(f"{client}.fold")


@pytest.mark.parametrize(
    ("name", "value", "is_known"),
    [
        ("QUEUES", "{},default", True),
        ("CELERY_QUEUE_HIGH", "{}", True),
        ("PORTAL_PREFIX", "/{}", True),
        ("WEBHOOK_PATH", "/{}", True),
        ("S3_PREFIX", "{}/letters", False),
        ("CONDA_PREFIX", "/home/{}/conda", False),
        ("AMOUNT_DUE", "{}", False),
        ("DATABASE_PATH", "/data/{}", False),
        ("DOCS_URL", "/{}", True),
        ("DATABASE_URL", "/data/{}/letters.sqlite", False),
        ("MEDIA_PATH", "/data/{}", False),
        ("BASE_PATH", "/srv/{}", False),
        ("QUEUE_OWNER", "{}", False),
        ("TRACEROUTE_HOST", "{}", False),
    ],
)
def test_only_a_setting_of_routes_or_queues_proves(
    name: str, value: str, is_known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other settings name folders, people and machines, in words like those of routes."""
    word = "dabla"[::-1]
    monkeypatch.setenv(name, value.format(word))
    words = RegisteredWords()
    words.add(registered_words)
    proven = words.make_path(f"/{word}")
    assert proven is is_known


def test_what_the_environment_has_routes_begin_with_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefix is configuration, also one of a file that is read late; other variables name folders and people."""
    prefix, person = "ecnarf"[::-1], "maon"[::-1]
    evidence = Evidence()
    evidence.add_words(registered_words)
    evidence.add_routes(lambda: [f"/{prefix}/sheets", f"/{person}/sheets"])
    for name, value in {"API_PREFIX": f"/{prefix}", "HOME": f"/home/{person}", "ROOT_PATH": f"{person}\n"}.items():
        monkeypatch.setenv(name, value)
    assert evidence.route(f"/{prefix}/sheets")
    assert not evidence.route(f"/{person}/sheets")


def test_a_package_s_path_proves_no_job_or_queue(words: RegisteredWords) -> None:
    """Whether a route was asked for first must not matter to a job, nor the other way around."""
    name = "oauth2-" + "tcerider"[::-1]
    assert not words.make_name(name)
    assert words.make_path(name)
    assert not words.make_name(name)


def test_the_name_of_a_job_or_queue_is_proven_word_by_word(words: RegisteredWords) -> None:
    """A queue for each client, or a job that is registered under a row's name, has a word of data."""
    client = "maon"[::-1]
    assert words.make_name("linen.counted")
    assert all(
        map(
            words.make_name,
            ("laundry_of_a_test.fold_towels", "sheets", "arq:queue", "json.dumps", "fold_towels:sheets"),
        )
    )
    assert not any(
        words.make_name(name.format(client)) for name in ("{}", "sheets:{}", "laundry_of_a_test.{}", "json.{}")
    )


@pytest.mark.parametrize(
    ("before", "is_proven"),
    [
        (["celery", "-A", "x", "worker", "-Q"], True),
        (["rq", "worker", "--burst"], True),
        (["rq", "worker"], True),
        (["sync", "--of"], False),
        (["celery", "-A", "x", "worker", "-n"], False),
        (["manage.py", "worker", "--client"], False),
    ],
)
def test_only_a_worker_s_command_names_queues(
    before: list[str], is_proven: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person may run another command for a client."""
    name = "tnegru"[::-1] + "ly"
    monkeypatch.setattr(sys, "orig_argv", [*before, f"{name},default"])
    assert RegisteredWords().make_name(name) is is_proven
