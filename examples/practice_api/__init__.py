"""A small practice-management API: the reference backend of the demo, the tests, the compose file and the benchmark."""
