"""What must be reachable from outside: files for blackbox-exporter and Prometheus, and UptimeRobot."""
