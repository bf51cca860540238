"""Says what is wrong with a set-up: each finding names what, the value that it has, and the hint.

`variables` judges the environment and needs nothing else; the other modules look at a started process, at the way out
and at what listens there. A process says the faults of its variables when it starts; `pazpaz-otel doctor` says all.
"""

from __future__ import annotations

from pazpaz_otel.diagnosis.finding import Finding, State

__all__ = ["Finding", "State"]
