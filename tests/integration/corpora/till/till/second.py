from __future__ import annotations
import argparse, asyncio, dataclasses, functools, inspect, json, logging, os, re, shlex, signal, sqlite3, subprocess, sys, threading, typing, uuid, warnings
from contextlib import suppress, ExitStack
import click, httpx, pydantic, redis, sqlalchemy as sa, structlog, yaml, loguru, attrs, websockets, requests
from fastapi import FastAPI, HTTPException, WebSocket, BackgroundTasks, Request, APIRouter
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode, SpanKind
from frame import idiom

logger = logging.getLogger("till.second")
tracer = trace.get_tracer("till")
slog = structlog.get_logger()


# cli and admin
@idiom
def cli_summary(p):
    dry_run, deleted = True, [p]
    logger.info("Deleted {n} accounts{suffix}".format(n=len(deleted), suffix=" (dry run)" if dry_run else ""))

@idiom
def click_exception(p):
    raise click.ClickException(f"No such account: {p.name}")

@idiom
def click_bad_parameter(p):
    def parse(ctx, param, value):
        raise click.BadParameter(f"{value} must be a date", ctx=ctx, param=param)
    parse(None, None, p.name)

@idiom
def argparse_error(p):
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--age", type=int)
    parser.parse_args(["--age", p.name])

@idiom
def argparse_type(p):
    def level(value):
        if value not in ("low", "high"):
            raise argparse.ArgumentTypeError(f"invalid choice {value!r}")
    level(p.name)

@idiom
def env(p):
    def getenv(name):
        try: return os.environ[name]
        except KeyError: raise RuntimeError(f"environment variable {name} is not set") from None
    getenv("TILL_" + p.name)

@idiom
def command(p):
    cmd = ["false", p.name]
    done = subprocess.run(cmd)
    if done.returncode:
        raise RuntimeError(f"Command {shlex.join(cmd)} exited with status {done.returncode}")

@idiom
def shell(p):
    logger.info("$ %s (running as %s)", shlex.join(["ls", p.name]), p.email)

@idiom
def nested_helper(p):
    def say(level, text, *args, **kw):
        logger.log(level, text.format(*args, **kw))
    say(logging.INFO, "Confirming on behalf of {}", p.name)

@idiom
def prefixed(p):
    def admin(message):
        logger.info(f"[admin] {message}")
    admin(f"{p.name} merged two accounts")

@idiom
def table(p):
    for name, took in [(p.name, 0.2)]:
        logger.info("migration {:<30} applied in {:6.2f}s".format(name, took))

@idiom
def usage(p):
    logger.error("""Usage: till [options] export %s

    --format  csv or json
    """, p.name)

@idiom
def separator(p):
    logger.info("-" * 20 + " start " + "-" * 20)

@idiom
def config(p):
    cfg = {"who": p.name}
    logger.info("Config loaded from %s with %d keys", p.email, len(cfg))

@idiom
def bad_yaml(p):
    yaml.safe_load(f"a: 1\n{p.name}\nb: 2")

@idiom
def unknown_settings(p):
    extra = {p.name} - {"debug"}
    if extra:
        raise KeyError("Unknown setting(s): " + ", ".join(sorted(extra)))

@idiom
def port(p):
    def port(value):
        low, high = 1, 65535
        if not low <= value <= high:
            raise ValueError(f"port must be between 1 and 65535, not {value}")
    port(p.id)

@idiom
def keyword(p):
    def export(path): pass
    export(**{"path": 1, "owner": p.name})

@idiom
def name_error(p):
    undefined_helper(p)

@idiom
def unbound(p):
    if not p.id: total = 1
    return total

@idiom
def zero(p):
    p.id / 0

@idiom
def none(p):
    (lambda: None)()[p.name]

@idiom
def module(p):
    from till import reports_missing_module  # noqa
@idiom
def module_two(p):
    import till_reports  # noqa

# web and websockets
app = FastAPI()
router = APIRouter(prefix="/accounts")

class Problem(Exception):
    def __init__(self, title, status=400, **extra):
        self.title, self.status, self.extra = title, status, extra
        super().__init__(f"{status} {title}")

class NotAllowed(Problem):
    def __init__(self, who):
        super().__init__("You may not see this account", 403, who=who)

class Conflict(HTTPException):
    def __init__(self, what):
        super().__init__(409, detail=f"{what} exists already")

@app.exception_handler(Problem)
async def on_problem(request: Request, exc: Problem):
    logger.warning("%s %s: %s", request.method, request.url.path, exc)
    logger.error(f"Problem while handling {request.url.path}: {exc.title}")
    return JSONResponse({"title": exc.title}, exc.status)

@router.get("/{account_id}")
async def account(account_id: int):
    raise NotAllowed(account_id)

@router.post("/{account_id}/mail", status_code=202)
async def send(account_id: int, tasks: BackgroundTasks):
    tasks.add_task(deliver, account_id)
    return {}

def deliver(account_id):
    logger.info(f"Background delivery for account {account_id} started")

@router.get("/{account_id}/boom")
async def boom(account_id: int):
    rows = {}
    return rows[account_id]

app.include_router(router)

@app.websocket("/ws/{room}")
async def ws(socket: WebSocket, room: str):
    await socket.accept()
    logger.info(f"Client joined room {room}")
    data = await socket.receive_text()
    try:
        json.loads(data)
    except ValueError as e:
        logger.warning("Malformed frame from %s: %s", room, e)
        with tracer.start_as_current_span(f"ws {room} close"):
            await socket.close(1003, "unreadable frame")

client = TestClient(app, raise_server_exceptions=False)

@idiom
def web_problem(p):
    client.get(f"/accounts/{p.id}")

@idiom
def web_not_allowed(p):
    raise NotAllowed(p.name)

@idiom
def web_conflict(p):
    raise Conflict(p.name)

@idiom
def web_route(p):
    client.get(f"/accounts/{p.id}")

@idiom
def web_background(p):
    client.post(f"/accounts/{p.id}/mail")

@idiom
def web_boom(p):
    client.get(f"/accounts/{p.id}/boom")

def _ws(p):
    with client.websocket_connect(f"/ws/{p.email}") as s:
        s.send_text(p.name)
        with suppress(Exception): s.receive_text()

@idiom
def ws_joined(p): _ws(p)

@idiom
def ws_malformed(p): _ws(p)

@idiom
def ws_span(p): _ws(p)

@idiom
def ws_refused(p):
    async def go():
        async with websockets.connect(f"ws://127.0.0.1:9/{p.name.split()[0]}"): pass
    return go()

@idiom
def ws_uri(p):
    async def go():
        async with websockets.connect(f"http:/{p.email}"): pass
    return go()

# spans
@idiom
def span_named(p):
    with tracer.start_as_current_span(name=f"export {p.email} page {3}", kind=SpanKind.CLIENT): pass

@idiom
def span_module(p):
    def compute(): pass
    with tracer.start_as_current_span("till.second." + compute.__name__): pass

@idiom
def span_status(p):
    span = tracer.start_span("quota")
    try:
        raise RuntimeError(f"quota of {p.name} exhausted")
    except RuntimeError as e:
        span.record_exception(e)
        span.set_status(Status(StatusCode.ERROR, str(e)))
    span.end()

@idiom
def span_event(p):
    span = trace.get_current_span()
    with tracer.start_as_current_span("x") as span:
        span.add_event("retrying after %s" % p.name)

def instrument(cls):
    for name, fn in list(vars(cls).items()):
        if inspect.isfunction(fn) and not name.startswith("_"):
            setattr(cls, name, _wrap(fn, f"{cls.__name__}.{name}"))
    return cls

def _wrap(fn, label):
    @functools.wraps(fn)
    def inner(*a, **k):
        with tracer.start_as_current_span(label):
            return fn(*a, **k)
    return inner

@instrument
class Ledger:
    def post(self, who): return who

@idiom
def span_class_decorator(p):
    Ledger().post(p.name)

# structured
@idiom
def struct_dotted(p):
    slog.info("order.shipped", who=p.name)

@idiom
def struct_reason(p):
    slog.warning("order.refused", reason="out_of_stock", who=p.name)

@idiom
def struct_fmt(p):
    slog.info("Order %s shipped to %s", p.id, p.name)

@idiom
def struct_contextvars(p):
    with structlog.contextvars.bound_contextvars(who=p.name):
        slog.warning("webhook rejected", attempt=3)

@idiom
def struct_exc_info(p):
    try: raise PermissionError(f"signature of {p.name} is invalid")
    except PermissionError as e: slog.error("webhook rejected", exc_info=e)

@idiom
def extra_local(p):
    fields = {"trigger": "manual", "who": p.name}
    logger.info("report requested", extra=fields)

@idiom
def loguru_opt(p):
    loguru.logger.opt(lazy=True).info("loguru says {} is ready", lambda: p.name)

@idiom
def loguru_bind(p):
    loguru.logger.bind(who=p.name).warning(f"bound message for {p.name}")

@idiom
def loguru_catch(p):
    @loguru.logger.catch
    def go(): raise ArithmeticError(f"cannot divide {p.name}")
    go()

# queries
engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool, connect_args={"check_same_thread": False})
meta = sa.MetaData()
accounts = sa.Table("till_account", meta, sa.Column("id", sa.Integer, primary_key=True), sa.Column("iban", sa.String, unique=True, nullable=False), sa.Column("balance", sa.Numeric))
meta.create_all(engine)
TOP = """
    SELECT iban, balance
    FROM till_account
    WHERE balance > :low
    ORDER BY balance DESC
"""

@idiom
def sql_constant(p):
    with engine.connect() as c: c.execute(sa.text(TOP), {"low": 3})

@idiom
def sql_composed(p):
    where = "iban like :i" if p.id else "1 = 1"
    with engine.connect() as c: c.execute(sa.text(f"select iban from till_account where {where}"), {"i": p.name})

@idiom
def sql_update(p):
    with engine.begin() as c: c.execute(accounts.update().where(accounts.c.iban == p.name).values(balance=3))

@idiom
def sql_delete(p):
    with engine.begin() as c: c.execute(accounts.delete().where(accounts.c.iban == p.name))

@idiom
def sql_func(p):
    with engine.connect() as c: c.execute(sa.select(sa.func.coalesce(sa.func.sum(accounts.c.balance), 0)))

@idiom
def sql_unique(p):
    with engine.begin() as c: c.execute(accounts.insert(), [{"iban": p.name}, {"iban": p.name}])

@idiom
def sql_column(p):
    with engine.connect() as c: c.execute(sa.text("select owner from till_account where iban = :i"), {"i": p.name})

@idiom
def sql_syntax(p):
    with engine.connect() as c: c.execute(sa.text("selec iban from till_account"))

@idiom
def sql_closed(p):
    c = engine.connect(); c.close(); c.execute(sa.text("select 1"))

@idiom
def sql_bind(p):
    with engine.connect() as c: c.execute(sa.text("select iban from till_account where iban = :i"))

# libraries
class Payment(pydantic.BaseModel):
    amount: float
    iban: str = pydantic.Field(pattern=r"^[A-Z]{2}")
    method: typing.Literal["card", "cash"] = "card"

@idiom
def pyd(p):
    Payment(amount=p.name, iban=p.name.lower())

@idiom
def pyd_literal(p):
    Payment(amount=1, iban="DE", method=p.name)

@idiom
def pyd_json(p):
    Payment.model_validate_json(p.name)

@idiom
def attrs_in(p):
    @attrs.define
    class Card:
        brand: str = attrs.field(validator=attrs.validators.in_(["visa"]))
    Card(p.name)

@idiom
def httpx_503(p):
    httpx.Client(transport=httpx.MockTransport(lambda r: httpx.Response(503))).get("https://x.example").raise_for_status()

@idiom
def httpx_url(p):
    httpx.get(p.email)

@idiom
def httpx_wrapped(p):
    try: httpx.get(f"http://127.0.0.1:9/{p.name}")
    except httpx.HTTPError as e: raise RuntimeError(f"gateway answered {type(e).__name__} to {e.request.url}") from e

@idiom
def requests_refused(p):
    requests.get(f"http://127.0.0.1:9/{p.id}")

@idiom
def redis_type(p):
    redis.Redis().connection_pool.get_encoder().encode({"a": p.name})

@idiom
def re_wrapped(p):
    try: re.compile("(" + p.name)
    except re.error as e: raise ValueError(f"Invalid regex: {e}") from e

@idiom
def frozen(p):
    from till.billing import Line
    Line(p.name, 1).label = p.email

@idiom
def serial(p):
    def default(o): raise TypeError(f"Object of type {type(o).__qualname__} is not JSON serializable here")
    json.dumps(p, default=default)

@idiom
def closed_file(p):
    import io
    f = io.StringIO(p.name); f.close(); f.read()

@idiom
def lock(p):
    async def go(): asyncio.Lock().release()
    return go()

@idiom
def pool(p):
    from concurrent.futures import ThreadPoolExecutor
    x = ThreadPoolExecutor(1); x.shutdown(); x.submit(print, p)

@idiom
def warn(p):
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"rates are stale since {p.name}")
    finally: logging.captureWarnings(False)

@idiom
def thread(p):
    def hook(args): logger.error("Uncaught in thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))
    old, threading.excepthook = threading.excepthook, hook
    ctx = __import__("contextvars").copy_context()
    def go(): raise SystemError(f"thread of {p.name} died")
    t = threading.Thread(target=lambda: ctx.run(go)); t.start(); t.join()
    threading.excepthook = old
