"""Renders `deploy/kubernetes` from the policy, the sources of alerts and dashboards, and the list of images."""
