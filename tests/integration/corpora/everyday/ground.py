# ruff: noqa
"""What the everyday programs share: imports, values from the environment, a class, and the list of idioms."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import dataclasses
import decimal
import enum
import functools
import gc
import inspect
import itertools
import json
import logging
import logging.config
import logging.handlers
import operator
import os
import pathlib
import queue
import string
import sys
import textwrap
import threading
import traceback
import types
import typing
import warnings
from collections import defaultdict, namedtuple
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar, NamedTuple

import everyday_texts
import everyday_texts as msgs
import structlog
from everyday_texts import (
    BOOKING_CLOSED,
    ERRORS,
    OVERDUE,
    QUOTA,
    STEPS,
    WELCOME_BACK,
    Code,
    Level,
    Notice,
    Overlap,
    Texts,
)
from everyday_texts import describe as describe_client
from fastapi import FastAPI, HTTPException, status
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator, model_validator

VALUE, OTHER = os.environ["IDIOM_VALUE"], os.environ["IDIOM_OTHER"]
logging.captureWarnings(True)
warnings.simplefilter("always")
logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)
tracer = trace.get_tracer(__name__)
slog = structlog.get_logger(__name__)
patient, email, rows = VALUE, OTHER, [VALUE, OTHER]
IDIOMS: list[tuple[Any, str, bool]] = []


def idiom(leaves: str, *, chosen: bool = False) -> Any:
    """List a function with the text that is to arrive; of `chosen` ones data picks the text, so that it stays."""

    def keep(function: Any) -> Any:
        IDIOMS.append((function, leaves, chosen))
        return function

    return keep


def current() -> Any:
    return trace.get_current_span()


class User:
    kind = "therapist"

    def __init__(self) -> None:
        self.name, self.email, self.age, self.tags = VALUE, OTHER, 41, [VALUE]
        self.address = types.SimpleNamespace(street=VALUE)

    def label(self) -> str:
        return f"labelled user {self.name}"

    @property
    def title(self) -> str:
        return f"titled user {self.name}"

    @staticmethod
    def greeting(who: str) -> str:
        return f"greeting goes to {who}"

    @classmethod
    def headline(cls, who: str) -> str:
        return "headline about %s" % who

    def __str__(self) -> str:
        return f"user known as {self.name}"


user = User()
