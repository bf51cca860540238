from __future__ import annotations

import csv
import io
import json
import logging
from collections import Counter
from pathlib import Path

logger = logging.getLogger("till.imports")

REQUIRED = ("name", "email")


class ImportFailed(Exception):
    def __init__(self, file, line, problem):
        self.file, self.line, self.problem = file, line, problem
        super().__init__(file, line, problem)

    def __str__(self):
        return f"{self.file}:{self.line}: {self.problem}"


class RowError(ValueError):
    def __init__(self, row: int, errors: list[str]) -> None:
        self.errors = errors
        super().__init__(f"Row {row} has {len(errors)} error(s): {'; '.join(errors)}")


class ColumnMissing(ImportFailed):
    def __init__(self, file, column):
        super().__init__(file, 1, f"column {column} is missing")


def read(text, name):
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in REQUIRED if column not in (reader.fieldnames or [])]
    if missing:
        logger.error("File %s lacks the columns %s", name, missing)
        raise ColumnMissing(name, missing[0])
    return list(reader)


def parse(rows):
    seen = Counter()
    for number, row in enumerate(rows, start=2):
        seen[row["email"]] += 1
        if seen[row["email"]] > 1:
            logger.warning("line %d: duplicate e-mail %s, keeping the first", number, row["email"])
            continue
        if "@" not in row["email"]:
            raise RowError(number, [f"{row['email']} is no e-mail address"])
        yield row


def load_json(path: Path):
    if not path.exists():
        raise FileNotFoundError(f"import file {path} does not exist")
    return json.loads(path.read_text())


def summarise(created, updated, skipped):
    summary = "Import finished: %d created, %d updated" % (created, updated)
    if skipped:
        summary = f"{summary}, {skipped} skipped"
    logger.info(summary)
