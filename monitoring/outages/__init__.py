"""Three dozen outages: who is told, how soon, and what else fires.

`python -m monitoring.outages` runs the shipped rules over each with promtool, asks amtool which way an alert goes, and
writes `docs/operations/outages.md`.
"""
