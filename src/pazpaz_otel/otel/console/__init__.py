"""Shows each request on the terminal as a tree: its spans, log lines and errors, and how much was held back.

`exporters` are the entry points `pazpaz_console`, `tree` puts a trace together, `render` makes lines of it. What is
shown has passed the guards: it is what would leave.
"""

from __future__ import annotations
