import asyncio
import logging
import re
import sqlite3
import time

import httpx
import sentry_sdk
import sqlalchemy as sa
import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.testclient import TestClient
from loguru import logger as loguru
from opentelemetry import metrics, trace
from opentelemetry.trace import Status, StatusCode
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from . import base
from .base import N, O, V, Season

slog = structlog.get_logger()
tracer = trace.get_tracer(__name__)
log = logging.getLogger(__name__)


def s01():
    slog.info("crop.rotated", field_kind="legume", plant=V)


def s02():
    slog.bind(gardener=O).warning("tool missing", tool_kind="hoe")


def s03():
    try:
        raise base.GardenError("soil probe drowned")
    except base.GardenError:
        slog.exception("probe_failed", plant=V)


def s04():
    try:
        raise base.CodedError(ErrorCodePump, f"pump {V} coughs")
    except base.CodedError as e:
        slog.error("pump_failed", exc_info=e, retry=False)


ErrorCodePump = base.ErrorCode.PUMP


def s05():
    slog.warning(f"nutrient tank {V} nearly empty")


def s06():
    slog.info("Season changed", season=Season.AUTUMN.value)


def s07():
    logger = slog.bind()
    logger = logger.bind(step="prune")
    logger.debug("step_done")


def s08():
    slog.error("delivery_failed", error=repr(ValueError(V)), vendor_kind="bulbs")


def s09():
    loguru.info("orchid {} repotted by {who}", V, who=O)


def s10():
    loguru.error(f"heater {V} tripped the fuse")


def s11():
    with loguru.catch(message="catching in the potting shed"):
        raise ValueError(f"pot {V} cracked in frost")


def s12():
    loguru.bind(bed=V).opt(depth=0).warning("bound loguru warning about light")


def s13():
    try:
        raise ValueError(f"trowel of {V} bent double")
    except ValueError as error:
        loguru.error("potting halted: {} ({who})", error, who=O)


def t01():
    with tracer.start_as_current_span("prune the hedge"):
        pass


def t02():
    with tracer.start_as_current_span(f"prune hedge {V}"):
        pass


@tracer.start_as_current_span("rake the leaves")
def t03():
    pass


def spanned(label: str):
    def outer(function):
        def inner(*args):
            with tracer.start_as_current_span(label) as span:
                span.set_attribute("garden.kind", "x")
                return function(*args)

        return inner

    return outer


def _t04():
    pass


t04 = spanned("edge the lawn")(_t04)


def t05():
    with tracer.start_as_current_span(Season.SPRING.value) as span:
        span.add_event(f"robin {V} watched us")


def t06():
    with tracer.start_as_current_span("x") as span:
        span.set_status(Status(StatusCode.ERROR, description="frost got the dahlias"))


def t07():
    with tracer.start_as_current_span("y") as span:
        span.set_status(StatusCode.ERROR, "dahlia %s froze overnight" % V)


def t08():
    span = tracer.start_span("mow and bag")
    span.end()


def t09():
    metrics.get_meter("garden").create_counter("garden.visitors").add(2)


def t10():
    sentry_sdk.capture_message("wasp nest in the rafters")


def t11():
    sentry_sdk.capture_exception(base.GardenError(f"owl {V} took the dove"))


def t12():
    with sentry_sdk.isolation_scope() as scope:
        scope.set_extra("plant", V)
        sentry_sdk.capture_message(f"fox {V} in the hen house")


class Base(DeclarativeBase):
    pass


class Plant(Base):
    __tablename__ = "plants"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
FIND = """
    SELECT p.name AS plant_title
    FROM plants AS p
    WHERE p.id >= :low
"""


def d01():
    Base.metadata.create_all(engine)
    with Session(engine) as s:
        s.add(Plant(name=V))
        s.commit()


def d02():
    with Session(engine) as s:
        s.scalars(sa.select(Plant).filter_by(name=V)).first()


def d03():
    with engine.connect() as c:
        c.execute(sa.text(FIND), {"low": 0}).all()


def d04():
    cols = ", ".join(["id", "name"])
    with engine.connect() as c:
        c.execute(sa.text(f"SELECT {cols} FROM plants WHERE name = :n"), {"n": V}).all()


def d05():
    q = "SELECT count(*) AS plant_tally FROM plants"
    q = q + " WHERE name LIKE :pattern" if V else q
    with engine.connect() as c:
        c.execute(sa.text(q), {"pattern": V}).all()


def d06():
    old = sa.select(Plant.id).where(Plant.id > 0).cte("old_plants")
    with engine.connect() as c:
        c.execute(sa.select(sa.func.count().label("how_many_old")).select_from(old)).all()


def d07():
    with Session(engine) as s:
        s.add(Plant(name=V))
        s.commit()


def d08():
    c = sqlite3.connect(":memory:")
    c.execute("CREATE TABLE tools (label TEXT UNIQUE)")
    c.execute("INSERT INTO tools VALUES (?)", (V,))
    c.execute("SELECT label AS tool_label FROM tools WHERE label = ?", (V,)).fetchall()


def d09():
    c = sqlite3.connect(":memory:")
    c.execute("CREATE TABLE sheds (label TEXT UNIQUE)")
    for _ in range(2):
        c.execute("INSERT INTO sheds (label) VALUES (?)", (V,))


app = FastAPI()
api = APIRouter(prefix="/api")


@app.middleware("http")
async def measure(request, call_next):
    start = time.perf_counter()
    response = await call_next(request)
    log.info("%s %s -> %s (%.1f ms)", request.method, request.url.path, response.status_code, (time.perf_counter() - start) * 1e3)
    return response


@app.exception_handler(base.GardenError)
def handle(request: Request, exc: base.GardenError):
    log.warning(f"garden trouble while serving: {exc}")
    from fastapi.responses import PlainTextResponse

    return PlainTextResponse("x", exc.http_status)


async def gardener(request: Request):
    name = request.headers.get("x-gardener")
    if name == V:
        log.info("gardener %s came through the gate", name)
    return name


@api.get("/plants/{plant_id}")
async def read(plant_id: str, who=Depends(gardener)):
    log.info(f"plant {plant_id} was looked at by {who} online")
    return {}


@api.delete("/plants/{plant_id}")
def remove(plant_id: str, tasks: BackgroundTasks):
    tasks.add_task(compost, plant_id)
    raise base.PlantMissing(plant_id)


@api.post("/plants/{plant_id}/water")
async def water(plant_id: str, tasks: BackgroundTasks):
    tasks.add_task(compost, plant_id)
    return {}


@api.get("/burst/{pipe}")
async def burst(pipe: str):
    raise RuntimeError(f"pipe {pipe} burst under the path")


def compost(plant):
    log.info(f"{plant} goes onto the compost heap")


app.include_router(api)
client = TestClient(app, raise_server_exceptions=False, base_url="http://localhost")


def a01():
    client.get(f"/api/plants/{V}", headers={"x-gardener": V})


def a02():
    client.delete(f"/api/plants/{V}")


def a03():
    client.post(f"/api/plants/{V}/water")


def a04():
    client.get(f"/api/burst/{V}")


IDIOMS = [f for n, f in sorted(globals().items()) if re.fullmatch(r"[stda]\d\d", n)]
