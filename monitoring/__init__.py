"""The monitoring stack as code: sources of alerts and dashboards, and what renders them.

Not part of the wheel. It may import neither `pazpaz_otel` nor anything that production needs.
"""
