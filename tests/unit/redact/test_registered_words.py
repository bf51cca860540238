"""Which paths of registered routes the source is able to make."""

from __future__ import annotations

import importlib
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
    mounted: str = ""
    owner: str = ""
settings = Settings(mounted="/" + "".join(["fr", "ont"]), owner="".join(["oh", "ad"]))
JOB = "linen.counted"
BEDS = ["/beds/{bed_id}:free", r"^wards/(?P<ward_id>[^/.]{1,20})/$", "sheets", "<uuid:pillow_id>"]
class LaundryBag: ...
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
    "/static/<path:path>",
    "/docs/oauth2-redirect",
    r"^beds/(?P<bed_id>[0-9a-fA-F_\-]{8}\d{1,4})\.free/$",
    "/",
)
MADE = ("maon", "7", "305123", "v123456", "shomron-ben-ami", "ohad", "beds-maon", "bed", "מעון")


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RegisteredWords]:
    """The words of a module, and of all that is loaded."""
    (tmp_path / "laundry_of_a_test.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("laundry_of_a_test")
    importlib.import_module("fastapi")
    # The words of tests, and of the programs that they import, aren't this application's.
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        is_kept = name.partition(".")[0] in {"__main__", "laundry_of_a_test", "pazpaz_otel"}
        if file and not is_kept and not is_installed(file):
            monkeypatch.delitem(sys.modules, name)
    yield RegisteredWords()
    del sys.modules["laundry_of_a_test"]


@pytest.mark.parametrize("route", FOUND)
def test_a_path_of_the_source_s_pieces_is_proven(words: RegisteredWords, route: str) -> None:
    """Frameworks join prefixes, templates and names; what a package registers stands in its own source."""
    assert words.make_path(route)


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
def test_a_path_with_a_word_of_data_is_not(words: RegisteredWords, route: str, made: str) -> None:
    """A row's slug, number or name stands nowhere, nor does a part of a word or a field that is no path."""
    assert not words.make_path(route.format(made))


def test_what_the_environment_has_routes_begin_with_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefix is configuration, also one of a file that is read late; other variables name folders and people."""
    prefix, person = "ecnarf"[::-1], "maon"[::-1]
    evidence = Evidence()
    evidence.add_words(registered_words)
    evidence.add_routes(lambda: [f"/{prefix}/notes", f"/{person}/notes"])
    for name, value in {"API_PREFIX": f"/{prefix}", "HOME": f"/home/{person}", "ROOT_PATH": f"{person}\n"}.items():
        monkeypatch.setenv(name, value)
    assert evidence.route(f"/{prefix}/notes")
    assert not evidence.route(f"/{person}/notes")


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
    ("before", "is_proven"), [(["celery", "-A", "x", "worker", "-Q"], True), (["sync", "--of"], False)]
)
def test_only_a_worker_s_command_names_queues(
    before: list[str], is_proven: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person may run another command for a client."""
    name = "tnegru"[::-1] + "ly"
    monkeypatch.setattr(sys, "orig_argv", [*before, f"{name},default"])
    assert RegisteredWords().make_name(name) is is_proven
