"""Show each request in the terminal as a tree of its spans, log lines and errors, and how much was dropped.

`exporters` has the entry points `pazpaz_console`, `tree` assembles a trace, and `render` turns it into lines.
Everything shown has passed the guards: it is what would leave.
"""

from __future__ import annotations
