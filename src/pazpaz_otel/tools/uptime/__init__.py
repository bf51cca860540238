"""Uptime monitors: files for blackbox-exporter and Prometheus, and monitors at UptimeRobot."""
