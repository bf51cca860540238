"""Draws the dashboards from what a real Prometheus answers to their queries, for the documentation."""
