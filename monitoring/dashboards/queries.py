"""Expressions that several dashboards ask for."""

from __future__ import annotations


def count(metric: str, labels: str, window: str, by: str = "") -> str:
    """Return an exact count: anchored at the last sample before the window, so that windows add up.

    Args:
        metric: a counter, or the count of a histogram.
        labels: matchers, as they stand between braces.
        window: a duration, or one of Grafana's variables.
        by: labels to keep; none for one sum.
    """
    return f"sum{f' by ({by}) ' if by else ''}(increase({metric}{{{labels}}}[{window}] anchored))"
