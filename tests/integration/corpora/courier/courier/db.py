import logging
import sqlite3

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, aliased, mapped_column, relationship, selectinload

from .settings import NUMBER, OTHER, VALUE

log = logging.getLogger(__name__)


class Base(DeclarativeBase):
    pass


class Depot(Base):
    __tablename__ = "depots"
    id: Mapped[int] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(String(80), unique=True)
    parcels: Mapped[list["Consignment"]] = relationship(back_populates="depot")


class Consignment(Base):
    __tablename__ = "consignments"
    __table_args__ = (sa.CheckConstraint("weight > 0", name="ck_weight_positive"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str]
    weight: Mapped[float] = mapped_column(default=1.0)
    depot_id: Mapped[int | None] = mapped_column(ForeignKey("depots.id"))
    depot: Mapped[Depot | None] = relationship(back_populates="parcels")


engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
async_engine = create_async_engine("sqlite+aiosqlite://", poolclass=sa.pool.StaticPool)


def setup():
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Depot(city=OTHER, parcels=[Consignment(ref=VALUE), Consignment(ref="x")]))
        session.commit()


def d_select():
    with Session(engine) as session:
        session.scalars(select(Consignment).where(Consignment.ref == VALUE)).all()


def d_label():
    with engine.connect() as connection:
        connection.execute(
            select(Consignment.depot_id, func.sum(Consignment.weight).label("tonnage_total"))
            .group_by(Consignment.depot_id)
            .having(func.count() > 1)
            .order_by(sa.desc("tonnage_total"))
        ).all()


def d_text():
    with engine.connect() as connection:
        connection.execute(
            text("SELECT d.city AS town, count(c.id) AS pieces FROM depots d JOIN consignments c ON c.depot_id = d.id WHERE d.city = :city GROUP BY d.city"),
            {"city": OTHER},
        ).all()


def d_text_pieces():
    statement = "SELECT ref FROM consignments WHERE weight > :least"
    params = {"least": 0.5}
    if OTHER:
        statement += " AND ref <> :ref"
        params["ref"] = VALUE
    statement += " ORDER BY weight DESC LIMIT 7"
    with engine.connect() as connection:
        connection.execute(text(statement), params).all()


def d_text_filters():
    filters = ["ref = :ref", "weight < :most"]
    statement = f"SELECT count(*) AS matching_rows FROM consignments WHERE {' AND '.join(filters)}"
    with engine.connect() as connection:
        connection.execute(text(statement), {"ref": VALUE, "most": 3}).all()


def d_tablename():
    with engine.connect() as connection:
        connection.execute(text(f"SELECT max(weight) AS heaviest_item FROM {Consignment.__tablename__}")).all()


def d_lower():
    with engine.connect() as connection:
        connection.execute(text("select id, city from depots where city like :pattern"), {"pattern": OTHER}).all()


def d_cte():
    heavy = select(Consignment.depot_id, Consignment.weight).where(Consignment.weight > 0).cte("heavy_goods")
    with engine.connect() as connection:
        connection.execute(select(func.avg(heavy.c.weight).label("mean_heavy")).select_from(heavy)).all()


def d_alias():
    other = aliased(Consignment, name="twin")
    with Session(engine) as session:
        session.execute(select(Consignment.id, other.id).join(other, other.ref == Consignment.ref)).all()


def d_insert():
    with Session(engine) as session:
        session.add(Depot(city="a" + VALUE))
        session.commit()


def d_update():
    with Session(engine) as session:
        session.execute(sa.update(Consignment).where(Consignment.ref == VALUE).values(weight=3))
        session.commit()


def d_delete():
    with Session(engine) as session:
        session.execute(sa.delete(Consignment).where(Consignment.ref == "x"))
        session.commit()


def d_get():
    with Session(engine) as session:
        session.get(Depot, 1, options=[selectinload(Depot.parcels)])


async def d_async():
    async with async_engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(async_engine) as session:
        await session.execute(select(Depot.city.label("async_city")))
    await async_engine.dispose()


def d_no_row():
    with Session(engine) as session:
        session.scalars(select(Depot).where(Depot.city == "nowhere" + VALUE)).one()


def d_integrity():
    with Session(engine) as session:
        session.add(Depot(city=OTHER))
        session.commit()


def d_integrity_caught():
    try:
        with Session(engine) as session:
            session.add(Consignment(ref=VALUE, weight=-1))
            session.commit()
    except IntegrityError as exc:
        log.warning("consignment could not be stored: %s", exc.orig)


def d_operational():
    with engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM missing_table"))


def d_sqlite_cursor():
    with sqlite3.connect(":memory:") as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE vans (plate TEXT, seats INTEGER)")
        cursor.execute("INSERT INTO vans (plate, seats) VALUES (?, ?)", (VALUE, 3))
        cursor.execute("SELECT seats FROM vans WHERE plate = ?", (VALUE,))


def d_sqlite_connection():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE trailers (plate TEXT)")
    connection.execute("SELECT plate FROM trailers WHERE plate = ?", (VALUE,)).fetchall()


def d_sqlite_error():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE keys (code TEXT PRIMARY KEY)")
    connection.execute("INSERT INTO keys VALUES (?)", (VALUE,))
    connection.execute("INSERT INTO keys VALUES (?)", (VALUE,))


IDIOMS = [f for name, f in list(globals().items()) if name.startswith("d_")]
