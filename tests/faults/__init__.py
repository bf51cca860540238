"""What faults do to the telemetry and to the application: measured with the real programs, truth beside measurement."""
