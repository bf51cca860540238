"""What sets other services up from files; only the command line imports it, never a process that is observed."""
