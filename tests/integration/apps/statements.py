"""An application older than its telemetry, with listeners and a dialect of its own, which asks for the schema first."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, create_engine, event, exc, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine

import pazpaz_otel

heard: list[str] = []


class AskingDialect(SQLiteDialect_pysqlite):
    """SQLite that is asked for its schema's name in SQL, as most databases are."""

    supports_statement_cache = True

    def _get_default_schema_name(self, connection: Any) -> str:
        return str(connection.exec_driver_sql("select 'main'").scalar())


registry.register("sqlite.asking", __name__, "AskingDialect")


def first(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
    """Hear of a statement before the guards do."""
    heard.append(f"first {statement}")


def replacing(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Execute a statement in the place of SQLAlchemy."""
    heard.append(f"replacing {statement}")
    if "replaced" not in statement:
        return False
    cursor.execute("select 'by the listener' as replaced")
    return True


def main() -> Engine:
    """Execute statements in every way, and return the engine, of whose pool the last metrics tell."""
    event.listen(Engine, "do_execute", first)
    pazpaz_otel.configure()
    engine = create_engine("sqlite+asking:///statements.db")
    event.listen(engine, "do_execute", replacing)
    rooms = Table("rooms", MetaData(), Column("room_id", Integer, primary_key=True))
    with engine.begin() as connection:
        rooms.create(connection, checkfirst=False)
        connection.execute(rooms.insert(), [{"room_id": 1}, {"room_id": 2}])
        print(connection.execute(text("select 1 as replaced")).scalar_one())
        quiet = connection.execution_options(no_parameters=True)
        quiet.exec_driver_sql("delete from rooms where room_id = 2")
        with suppress(exc.OperationalError):
            connection.execute(text("select room_id from nowhere"))
    other = engine.execution_options(isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.execute(text("select room_id from rooms"))
    print("\n".join(heard))
    print("events of connections:", engine._has_events)
    return engine


engine = main()
