"""An application that is older than its telemetry, with mounted applications, a WebSocket, and a database.

Run with a name that stands in no source: it becomes a database, a table's columns, a value.
"""

from __future__ import annotations

import sys

from fastapi import FastAPI, WebSocket
from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint, create_engine, select, text

SECRET = sys.argv[1]
metadata = MetaData()
rooms = Table(
    "rooms", metadata, Column("room_id", Integer, primary_key=True), Column("label", String), UniqueConstraint("label")
)
engine = create_engine("sqlite:///clinic.db")
app, inner = FastAPI(), FastAPI()


@inner.get("/rooms/{room_id}")
def room(room_id: int) -> int:
    """Query in each way that applications do."""
    order = "label"
    with engine.connect() as connection:
        connection.execute(text("select label from rooms where room_id = :room_id"), {"room_id": room_id})
        connection.execute(text(f"SELECT room_id FROM rooms WHERE label = '{SECRET}' ORDER BY {order}"))
        connection.execute(select(rooms.c.room_id.label("number")).where(rooms.c.label == SECRET))
    return room_id


@inner.get("/twice")
def twice() -> None:
    """Break a constraint."""
    with engine.begin() as connection:
        connection.execute(rooms.insert().values(label=SECRET))
        connection.execute(rooms.insert().values(label=SECRET))


@inner.get("/made")
def made() -> None:
    """Make a database and a table of what came with the request."""
    own = create_engine(f"sqlite:///{SECRET}.sqlite")
    table = Table(SECRET, MetaData(), Column(f"{SECRET}7", String), Column("mark", String))
    table.create(own)
    with own.connect() as connection:
        connection.execute(select(table))


@app.get("/health")
def health() -> dict[str, str]:
    """Answer probes."""
    return {}


@app.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Receive until the client leaves."""
    await socket.accept()
    while True:
        await socket.receive_text()


app.mount("/clinics/{clinic_id}", inner)


def main() -> None:
    """Serve before the telemetry is there, if that is asked for, and after."""
    from starlette.testclient import TestClient
    from starlette.websockets import WebSocketDisconnect

    metadata.create_all(engine)
    if "served" in sys.argv:
        TestClient(app).get("/health")
    import pazpaz_otel

    pazpaz_otel.configure()
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/clinics/7/rooms/1", "/clinics/7/rooms/2", "/health", "/clinics/7/twice", "/clinics/7/made"):
            client.get(path)
        try:
            with client.websocket_connect("/live") as socket:
                socket.send_text(SECRET)
        except WebSocketDisconnect:
            pass


if __name__ == "__main__":
    main()
