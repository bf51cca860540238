"""The commands of `pazpaz-otel`: a module `name.py` is the command `name`.

It has `add_parser(subparsers)` and `run(arguments) -> int`, and is imported when its command is called. What it needs
beyond the standard library it imports in `run`, so that the list of commands costs nothing.
"""
