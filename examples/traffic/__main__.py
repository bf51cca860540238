"""`python -m traffic http://127.0.0.1:8000`: send traffic and print the account as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import fields

from .driver import Plan, drive


def main() -> None:
    """Read the command line and drive."""
    parser = argparse.ArgumentParser(prog="traffic", description=__doc__)
    parser.add_argument("base_url")
    for field in fields(Plan):
        if isinstance(field.default, bool):
            parser.add_argument(f"--{field.name}", action=argparse.BooleanOptionalAction, default=field.default)
        else:
            parser.add_argument(f"--{field.name}", type=int, default=field.default)
    arguments = vars(parser.parse_args())
    account = asyncio.run(drive(arguments.pop("base_url"), Plan(**arguments)))
    json.dump(account.as_json(), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
