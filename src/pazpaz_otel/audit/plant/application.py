"""The audit's own application, whose routes log, store and raise with patient data."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

from pazpaz_otel.audit.plant.registry import optional

# An application's name: the distribution handles its own loggers differently.
logger = logging.getLogger("practice.notes")


def application() -> Any:
    """Return a FastAPI application, or None if FastAPI or uvicorn isn't installed."""
    fastapi = optional("fastapi")
    if fastapi is None or optional("uvicorn") is None:
        return None
    app = fastapi.FastAPI()
    database = _database()

    def read_client(client_id: str, name: str = "") -> dict[str, str]:
        logger.info("client %s read", client_id)
        logger.info(f"client {client_id} is called {name}")  # noqa: G004 - what applications do
        return {"id": client_id}

    def save_note(client_id: str, body: dict[str, Any]) -> dict[str, int]:
        statement = database(client_id, str(body))
        return {"saved": statement}

    def fails(client_id: str, name: str = "") -> None:
        raise RuntimeError(f"no client {client_id} called {name}")

    def refuses(client_id: str) -> None:
        raise fastapi.HTTPException(404, f"no client {client_id}", headers={"X-Client": "x"})

    app.add_api_route("/clients/{client_id}", read_client)
    app.add_api_route("/clients/{client_id}/notes", save_note, methods=["POST"])
    app.add_api_route("/fails/{client_id}", fails)
    app.add_api_route("/refuses/{client_id}", refuses)
    return app


def _database() -> Any:
    sqlalchemy = optional("sqlalchemy")
    if sqlalchemy is None:
        return _sqlite
    engine = sqlalchemy.create_engine(
        "sqlite://", poolclass=sqlalchemy.StaticPool, connect_args={"check_same_thread": False}
    )
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE notes (client VARCHAR PRIMARY KEY, note VARCHAR NOT NULL)"))

    def run(client: str, note: str) -> int:
        quoted = note.replace("'", "''").replace(":", r"\:")
        comment = "".join(c for c in client if c.isalnum())
        done = 0
        for sql, values in (
            ("INSERT INTO notes (client, note) VALUES (:client, :note)", {"client": client, "note": note}),
            ("INSERT INTO notes (client, note) VALUES (:client, :note)", {"client": client, "note": note}),
            (f"SELECT note FROM notes WHERE note = '{quoted}' -- {comment}", {}),  # noqa: S608 - what is audited
            (f"/* {comment} */ SELECT '{quoted}' AS a{comment}", {}),
            (f'SELECT "{comment}" FROM notes_of_{comment}', {}),  # noqa: S608 - what is audited
            (f"{comment} is no statement", {}),
        ):
            try:
                with engine.begin() as connection:
                    connection.execute(sqlalchemy.text(sql), values)
                    done += 1
            except sqlalchemy.exc.SQLAlchemyError:
                logger.exception("could not save the note of %s", client)
        return done

    return run


def _sqlite(client: str, note: str) -> int:
    with sqlite3.connect(":memory:") as connection:
        return len(connection.execute("SELECT ?, ?", (client, note)).fetchall())
