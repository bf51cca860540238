"""The actions of `pazpaz-otel policy`: one module each, with `add_arguments(parser)` and `run(arguments)`."""
