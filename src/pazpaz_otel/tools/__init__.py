"""Configure other services from files; only the command line imports this, never an observed process."""
