"""The commands of `pazpaz-otel`: the module `name.py` is the command `name`.

Each has `add_parser(subparsers)` and `run(arguments) -> int`, and is imported when its command is called. Imports
beyond the standard library are inside `run`, so that listing the commands is fast.
"""
