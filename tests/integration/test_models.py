"""Statements that Django and Peewee make of an application's models keep tables and columns, and nothing of data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import ROOT, attributes, completed, everything, spans
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import HttpSink

pytestmark = pytest.mark.slow

CLIENT = "DvoraMizrahi"
LIBRARIES = ("django>=5", "peewee>=3", "opentelemetry-instrumentation-sqlite3==0.66b1")
MODELS = """
import peewee
from django.contrib.auth.models import User
from django.db import models

class Stamped(models.Model):
    noted_at = models.DateTimeField(auto_now_add=True)
    class Meta:
        abstract = True

class Healer(Stamped):
    account = models.ForeignKey(User, on_delete=models.CASCADE)
    full_name = models.CharField(max_length=50)

class CarePlan(Stamped):
    healer = models.ForeignKey(Healer, on_delete=models.CASCADE)
    helpers = models.ManyToManyField(Healer, related_name="helped")
    goal = models.CharField(max_length=50, db_column="goal_text")
    class Meta:
        db_table = "care_pl"

class BedRoom(peewee.Model):
    label = peewee.CharField(unique=True)

class Stay(peewee.Model):
    room = peewee.ForeignKeyField(BedRoom, backref="stays")
    class Meta:
        table_name = "ward_stays"
"""
PROGRAM = """
import sys

import django
import peewee
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models

client = sys.argv[1]
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "wards"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    SECRET_KEY="x",
)
django.setup()
call_command("migrate", verbosity=0, run_syncdb=True)

from django.contrib.auth.models import User
from wards.models import BedRoom, CarePlan, Healer, Stay

user = User.objects.create(username=client)
healer = Healer.objects.create(account=user, full_name=client)
plan = CarePlan.objects.create(healer=healer, goal=client)
plan.helpers.add(healer)
list(CarePlan.objects.filter(helpers__full_name=client, healer__full_name=client).values("goal"))

database = peewee.SqliteDatabase(":memory:")
with database.bind_ctx([BedRoom, Stay]):
    database.create_tables([BedRoom, Stay])
    Stay.create(room=BedRoom.create(label=client))
    list(Stay.select().join(BedRoom).where(BedRoom.label == client))

# What data makes is known to Django and Peewee, and isn't in the source.
Made = type(client, (models.Model,), {"__module__": "wards.models", client: models.IntegerField()})
with connection.schema_editor() as editor:
    editor.create_model(Made)
list(Made.objects.filter(**{client: 1}))
MadeToo = type(client, (peewee.Model,), {client: peewee.IntegerField()})
with database.bind_ctx([MadeToo]):
    database.create_tables([MadeToo])
"""
EXPECTED = [
    'INSERT INTO "wards_healer" ("noted_at", "account_id", "full_name") VALUES (%s, %s, %s)',
    'INSERT INTO "care_pl" ("noted_at", "healer_id", "goal_text") VALUES (%s, %s, %s)',
    'INSERT OR IGNORE INTO "care_pl_helpers" ("careplan_id", "healer_id") VALUES (%s, %s)',
    'INNER JOIN "wards_healer" T4 ON ("care_pl_helpers"."healer_id" = T4."id")',
    'INNER JOIN "wards_healer" ON ("care_pl"."healer_id" = "wards_healer"."id")',
    'INSERT INTO "auth_user" ("password", "last_login", "is_superuser", "username",',
    'CREATE UNIQUE INDEX IF NOT EXISTS "bedroom_label" ON "bedroom" ("label")',
    'INSERT INTO "ward_stays" ("room_id") VALUES (?)',
    'SELECT "t1"."id", "t1"."room_id" FROM "ward_stays" AS "t1" INNER JOIN "bedroom" AS "t2" ON',
    'SELECT ?."id", ?.? FROM ? WHERE ?.? = %s',
]


def test_statements_name_the_models_tables_and_columns(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """Whoever wrote the models, with the framework's own keys and aliases; a model that data makes stays unknown."""
    [libraries] = pypi_folder("models", LIBRARIES).glob("lib/python*/site-packages")
    (tmp_path / "wards").mkdir()
    (tmp_path / "wards" / "__init__.py").touch()
    (tmp_path / "wards" / "models.py").write_text(MODELS)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    path = os.pathsep.join(map(str, (ROOT, tmp_path, libraries)))
    completed(str(program), tmp_path, otlp_http_sink, {"PYTHONPATH": path}, CLIENT)
    told = [str(attributes(span).get("db.query.text")) for span in spans(otlp_http_sink)]
    assert [text for text in EXPECTED if not any(text in each for each in told)] == []
    assert CLIENT.lower() not in everything(otlp_http_sink).lower()
