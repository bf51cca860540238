"""What `pazpaz-otel policy` does: a module for each action, with `add_arguments(parser)` and `run(arguments)`."""
