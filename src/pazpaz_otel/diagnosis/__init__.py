"""Find what is wrong with a set-up; each finding has a subject, what was found, and a hint.

`variables` judges the environment alone; the other modules examine a started process, its delivery and the receivers.
A process logs the faults of its variables when it starts; `pazpaz-otel doctor` reports everything.
"""

from __future__ import annotations

from pazpaz_otel.diagnosis.finding import Finding, State

__all__ = ["Finding", "State"]
