"""What Django REST framework's and Django's validation says, in a program that has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.settings import inherited
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NAME = "Dvora-Mizrahi-7731"
PROGRAM = """
import json, sys
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"], SECRET_KEY="x")
django.setup()
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from rest_framework import exceptions, serializers
from pazpaz_otel.redact.exceptions import view

NAME = sys.argv[1]

class Visit(models.Model):
    room = models.CharField(max_length=3, validators=[RegexValidator("^[0-9]+$", message="a room is a number")])
    class Meta:
        app_label = "clinic"
    def clean(self):
        raise ValidationError({"room": f"room {self.room} is being cleaned"})

class Note(serializers.Serializer):
    room = serializers.IntegerField()
    text = serializers.CharField(max_length=4, error_messages={"blank": "write a note first"})
    author = serializers.CharField(required=False)
    def validate_author(self, value):
        raise serializers.ValidationError("the author is on leave")

def told(run):
    try:
        run()
    except Exception as error:
        return view(error).message

def note(**given):
    return told(lambda: Note(data={"room": 1, "text": "a", **given}).is_valid(raise_exception=True))

print(json.dumps([
    note(room=NAME), note(text=NAME), note(text=""), note(author=NAME),
    told(lambda: exec("raise exceptions.NotFound()", globals())),
    told(Visit(room=NAME).full_clean), told(Visit(room=1).full_clean),
]))
"""


def test_declared_messages_leave_and_no_value(tmp_path: Path) -> None:
    """Fields', validators' and the program's own messages leave as they are declared, with the fields' names."""
    [libraries] = pypi_folder("rest_framework", ("djangorestframework>=3.16",)).glob("lib/python*/site-packages")
    file = tmp_path / "clinic.py"
    file.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(file), NAME],
        env=inherited({"PYTHONPATH": os.pathsep.join([str(tmp_path), str(libraries)])}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert NAME not in done.stdout
    longest = "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d)."
    assert json.loads(done.stdout) == [
        "{'room': ['A valid integer is required.']}",
        "{'text': ['Ensure this field has no more than {max_length} characters.']}",
        "{'text': ['write a note first']}",
        "{'author': ['the author is on leave']}",
        "Not found.",
        f"{{'room': ['a room is a number', '{longest}', 'room {{self.room}} is being cleaned']}}",
        "{'room': ['room {self.room} is being cleaned']}",
    ]
