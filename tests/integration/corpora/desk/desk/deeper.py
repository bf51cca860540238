from __future__ import annotations
import asyncio, logging, sqlite3, subprocess, uuid
import decimal, ipaddress, urllib.request, configparser, argparse, shutil, zipfile, io, csv, re, base64, ssl, socket

import attrs, click, httpx, jinja2, jsonschema, pydantic, redis, requests, structlog, yaml, loguru
import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Depends
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode
from sqlalchemy.orm import Session, sessionmaker
from frame import idiom
from desk import models, support
from desk.models import Contact, Ticket, TicketIn

logger = logging.getLogger("desk.deeper")
slog = structlog.get_logger("desk.struct")
tracer = trace.get_tracer(__name__, "1.0")
engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool, connect_args={"check_same_thread": False})
models.Base.metadata.create_all(engine)
Maker = sessionmaker(engine)
app = FastAPI()


# --- spans ---------------------------------------------------------------------------------------
@idiom
def span_with(p):
    with tracer.start_as_current_span("dispatch ticket") as s:
        s.set_attribute("who", p.name)


@idiom
def span_f(p):
    topic = p.name
    with tracer.start_as_current_span(f"consume_{topic}"):
        pass


@idiom
def span_decorator(p):
    @tracer.start_as_current_span("send reminder mail")
    def send(person):
        pass
    send(p)


@idiom
def span_traced(p):
    @support.traced("score.contact")
    def score(person):
        pass
    score(p)


@idiom
def span_traced_qualname(p):
    support.traced()(weigh)(p)


def weigh(person):
    return person.id


@idiom
def span_percent(p):
    s = tracer.start_span("workflow.node.%s" % p.name)
    s.end()


@idiom
def span_event(p):
    with tracer.start_as_current_span("warm") as s:
        s.add_event("cache warmed", {"who": p.name})


@idiom
def span_event_f(p):
    with tracer.start_as_current_span("warm") as s:
        s.add_event(f"attempt {p.id} rejected")


@idiom
def span_status(p):
    with tracer.start_as_current_span("relay") as s:
        s.set_status(Status(StatusCode.ERROR, f"mail relay refused {p.email}"))


@idiom
def span_status_two(p):
    with tracer.start_as_current_span("relay") as s:
        s.set_status(StatusCode.ERROR, "relay is down")


@idiom
def span_update(p):
    with tracer.start_as_current_span("x") as s:
        s.update_name(f"renamed to archive {p.name}")


@idiom
def span_exception_status(p):
    try:
        with tracer.start_as_current_span("upload"):
            raise FileNotFoundError(f"bucket {p.name} does not exist")
    except FileNotFoundError:
        pass


# --- sql -----------------------------------------------------------------------------------------
@idiom
def sql_text(p):
    with engine.connect() as c:
        c.execute(sa.text("SELECT full_name FROM desk_contact WHERE id = :id"), {"id": p.id})


@idiom
def sql_orm(p):
    with Maker() as s:
        s.scalars(sa.select(Ticket).where(Ticket.subject == p.name).order_by(Ticket.id).limit(5)).all()


@idiom
def sql_span(p):
    with Maker() as s:
        s.scalars(sa.select(Ticket).where(Ticket.subject == p.name)).all()


@idiom
def sql_join(p):
    with Maker() as s:
        s.execute(sa.select(Contact.id, sa.func.count(Ticket.id).label("open_tickets")).join(Contact.tickets).where(Contact.email == p.email).group_by(Contact.id)).all()


@idiom
def sql_insert(p):
    with Maker() as s:
        s.add(Contact(full_name=p.name, email=p.email))
        s.commit()


@idiom
def sql_unique(p):
    with Maker() as s:
        s.add(Contact(full_name=p.name, email=p.email))
        s.add(Contact(full_name=p.name, email=p.email))
        s.commit()


@idiom
def sql_null(p):
    with Maker() as s:
        s.add(Ticket(contact_id=p.id))
        s.commit()


@idiom
def sql_check(p):
    with Maker() as s:
        s.add(Ticket(contact_id=p.id, subject=""))
        s.commit()


@idiom
def sql_one(p):
    with Maker() as s:
        s.scalars(sa.select(Ticket).where(Ticket.subject == p.name)).one()


@idiom
def sql_missing_table(p):
    with engine.connect() as c:
        c.execute(sa.text("select actor from desk_audit where actor = :a"), {"a": p.name})


@idiom
def sql_lower_f(p):
    ids = [1, 2]
    marks = ",".join("?" for _ in ids)
    con = sqlite3.connect(":memory:")
    con.execute("create table desk_ticket (id int, state text)")
    con.execute(f"update desk_ticket set state = 'closed' where id in ({marks})", ids)


@idiom
def sql_cte(p):
    with engine.connect() as c:
        recent = sa.select(Ticket.id).where(Ticket.state == p.name).cte("recent")
        c.execute(sa.select(recent.c.id))


@idiom
def sql_detached(p):
    with Maker() as s:
        c = Contact(full_name=p.name, email=str(uuid.uuid4()))
        s.add(c); s.commit()
        s.refresh(c)
    c.tickets


# --- http ----------------------------------------------------------------------------------------
@app.get("/tickets/{ticket_id}")
def read_ticket(ticket_id: int):
    raise HTTPException(status_code=404, detail=f"Ticket {ticket_id} not found")


@app.get("/contacts/{contact_id}")
def read_contact(contact_id: int):
    logger.info("Contact requested", extra={"action": "read_contact", "contact": contact_id})
    raise RuntimeError(f"contact {contact_id} has no mailbox")


def current_user():
    raise HTTPException(401, "Token has expired")


@app.get("/me")
def me(user=Depends(current_user)):
    return user


@idiom
def http_route(p):
    TestClient(app, raise_server_exceptions=False).get(f"/contacts/{p.id}")


@idiom
def http_exc(p):
    TestClient(app, raise_server_exceptions=False).get(f"/contacts/{p.id}")


@idiom
def http_extra(p):
    TestClient(app, raise_server_exceptions=False).get(f"/contacts/{p.id}")


@idiom
def http_detail(p):
    try:
        current_user()
    except HTTPException as e:
        trace.get_current_span().record_exception(e)


@idiom
def http_detail_f(p):
    read_ticket(p.id)


@idiom
def httpx_status(p):
    t = httpx.MockTransport(lambda r: httpx.Response(404))
    httpx.Client(transport=t).get(f"https://api.okparaebo.example/{p.name}").raise_for_status()


@idiom
def httpx_connect(p):
    async def go():
        async with httpx.AsyncClient() as c:
            await c.get(f"http://127.0.0.1:9/{p.name}")
    return go()


@idiom
def requests_status(p):
    r = requests.Response(); r.status_code = 404; r.reason = "Not Found"; r.url = f"https://x/{p.name}"
    r.raise_for_status()


@idiom
def requests_url(p):
    requests.get(p.email)


@idiom
def redis_connect(p):
    redis.Redis(port=9).get(p.name)


# --- libraries -----------------------------------------------------------------------------------
@idiom
def pydantic_errors(p):
    TicketIn(subject="x", email=p.name, priority=2)


@idiom
def pydantic_model_error(p):
    TicketIn(subject="broken", email=p.email, priority=9)


@idiom
def pydantic_extra(p):
    TicketIn.model_validate({"subject": "broken", "email": p.email, "priority": 3, "note": p.name})


@idiom
def pydantic_attribute(p):
    TicketIn(subject="broken", email=p.email, priority=3).owner


@idiom
def attrs_validator(p):
    @attrs.define
    class Plan:
        seats: int = attrs.field(validator=attrs.validators.instance_of(int))
    Plan(p.name)


@idiom
def jsonschema_error(p):
    jsonschema.validate(p.name, {"type": "object"})


@idiom
def jinja_undefined(p):
    jinja2.Template("{{ customer.name }} x", undefined=jinja2.StrictUndefined).render(who=p.name)


@idiom
def yaml_error(p):
    yaml.safe_load(f"a: b: {p.name}")


@idiom
def click_usage(p):
    @click.group()
    def cli(): pass
    raise click.UsageError("Missing command for the queue")


@idiom
def click_bad(p):
    @click.command()
    @click.option("--port", type=int)
    def cli(port): pass
    cli.main(["--port", p.name], standalone_mode=False)


@idiom
def subprocess_check(p):
    subprocess.run(["false", p.name], check=True)


@idiom
def subprocess_timeout(p):
    subprocess.run(["sleep", "5"], timeout=0.05)


@idiom
def ip_error(p):
    ipaddress.ip_address(p.name)


@idiom
def uuid_error(p):
    uuid.UUID(p.name)


@idiom
def decimal_error(p):
    decimal.Decimal(p.name)


@idiom
def config_error(p):
    configparser.ConfigParser().get("mail", "host")


@idiom
def zip_error(p):
    zipfile.ZipFile(io.BytesIO(p.name.encode()))


@idiom
def base64_error(p):
    base64.b64decode(b"abc")


@idiom
def re_error(p):
    re.compile("[" + p.name)


@idiom
def asyncio_state(p):
    async def go():
        f = asyncio.get_running_loop().create_future()
        f.set_result(p.name)
        f.set_result(p.name)
    return go()


@idiom
def asyncio_running(p):
    async def go():
        c = asyncio.sleep(0)
        try:
            asyncio.run(c)
        finally:
            c.close()
    return go()


# --- structured logging --------------------------------------------------------------------------
@idiom
def struct_event(p):
    slog.info("invoice_paid", customer=p.name, reason="card")


@idiom
def struct_field(p):
    slog.warning("payment_failed", customer=p.name, reason="card declined")


@idiom
def struct_f(p):
    slog.error(f"Customer {p.name} could not be charged")


@idiom
def struct_exc(p):
    try:
        raise ValueError(f"card of {p.name} was declined")
    except ValueError:
        slog.exception("charge_failed", customer=p.id)


@idiom
def struct_bound(p):
    slog.bind(agent=p.name).warning("Skipping step with unknown agent", step=p.id)


@idiom
def loguru_format(p):
    loguru.logger.info("Mailbox of {} is locked", p.name)


@idiom
def loguru_f(p):
    loguru.logger.info(f"Mailbox of {p.name} was opened")


@idiom
def loguru_exc(p):
    try:
        raise OSError(f"mailbox {p.email} is corrupt")
    except OSError:
        loguru.logger.exception("Could not open")


@idiom
def logger_exc_info(p):
    try:
        raise LookupError("no template")
    except LookupError as e:
        logger.error("Could not load template of %s", p.name, exc_info=e)


@idiom
def log_extra(p):
    logger.warning("upload refused", extra={"reason": "quota exceeded", "who": p.name})


# --- the known ones --------------------------------------------------------------------------------
@idiom
def known_enum_property(p):
    raise ValueError(models.Reason.SPAM.text)


@idiom
def known_operator(p):
    import operator
    logger.info(operator.concat("Opened by ", p.name))


@idiom
def known_add(p):
    logger.info("Closed by ".__add__(p.name))


@idiom
def known_dict(p):
    body = {"code": "locked", "message": "contact is locked"}
    raise RuntimeError(body)


def _nightly(person):
    logger.info("Nightly clean-up of %s", person.name)


nightly = support.traced("nightly clean-up")(_nightly)


@idiom
def known_hand_applied(p):
    nightly(p)
