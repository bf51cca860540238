# ruff: noqa
"""What the sections share: imports, values from the environment, and the list of idioms."""

import asyncio, contextlib, contextvars, dataclasses, functools, gc, inspect, itertools, json, logging, logging.config, os, re, sqlite3, sys, textwrap, threading, traceback, warnings, uuid, zoneinfo, struct, subprocess, pickle, base64, csv, ipaddress, queue, select as sel, ssl, math
from datetime import datetime, date, timedelta, timezone
from concurrent.futures import ThreadPoolExecutor
VALUE, OTHER = os.environ["IDIOM_VALUE"], os.environ["IDIOM_OTHER"]
import sentry_sdk, structlog
from fastapi import APIRouter, BackgroundTasks, Body, Depends, FastAPI, HTTPException, Request, WebSocket, status
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, field_validator
from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from . import errors, messages, work
from .errors import BedTaken, Coded, Gone, Mismatch, NotFoundError, Quiet, WithProps
from .messages import LOST, REFUSED, Code, Reason
tracer = trace.get_tracer(__name__)
log = logging.getLogger(__package__); log.setLevel(10)
slog = structlog.get_logger("harbor")
CASES = []
def case(*expect):
    def keep(f):
        CASES.append((f.__name__, f, list(expect))); return f
    return keep
@dataclasses.dataclass
class Guest:
    name: str = VALUE
    ward: str = OTHER
    def warn(self): log.warning("guest %s of ward %s left early", self.name, self.ward)
    def __str__(self): return self.name
guest = Guest()
