"""Runs every idiom, each in a span of its own, and prints the texts that are to arrive."""

from __future__ import annotations

import gc
import json
import os
import sys
from importlib import import_module

from ground import IDIOMS, tracer

SECTIONS = (
    "handed_on",
    "kept",
    "nested",
    "constants",
    "formatting",
    "logs",
    "structured",
    "errors",
    "web",
    "models",
    "spans",
    "libraries",
)
for section in SECTIONS:
    import_module(section)
for function, leaves, _ in IDIOMS:
    try:
        with tracer.start_as_current_span("surface"):
            function()
    except Exception as exc:
        if os.environ.get("SHOW"):
            print(leaves, "->", repr(exc), file=sys.stderr)
gc.collect()
print(json.dumps([(leaves, chosen) for _, leaves, chosen in IDIOMS]))
