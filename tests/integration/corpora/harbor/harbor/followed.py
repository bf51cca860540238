# ruff: noqa
"""Texts that stand elsewhere."""

from .ground import *

# 2 follow
@case(("body", "Welcome desk is not staffed for {guest.name}"))
def d14(): log.info(messages.WELCOME.format(name=guest.name))
@case(("body", "lost the referral of {guest.name} on the way"))
def d15(): log.info(LOST % guest.name)
@case(("body", "lost the referral of %s on the way"))
def d16(): log.info(LOST, guest.name)
@case(("body", "too many open drafts for one author"))
def d17(): log.error(messages.TOO_MANY)
@case(("exc", "no bed was left on the ward"))
def d18(): raise LookupError(Reason.NO_BED)
@case(("body", "prescription had expired before pick-up"))
def d19(): log.info(Code.EXPIRED.text)
@case(("body", "please call the bed manager"))
def d20(): log.info(messages.BY_REASON[Reason.NO_BED])
@case(("body", "transport was refused by the insurer"))
def d21(): log.info(REFUSED.text)
@case(("body", "ward closes for cleaning"))
def d22(): log.info(messages.TEXTS.closing)
@case(("body", "translated text of the front page"))
def d23(): log.info(messages.GREETING)
@case(("exc", "bed {bed} of ward {ward} is taken"))
def d24(): raise BedTaken(bed=VALUE, ward=OTHER)
@case(("exc", "Nobody answered the ward's phone."))
def d25(): raise Quiet()
@case(("exc", "ward {self.ward} is full"))
def d26(): raise WithProps(VALUE)
@case(("exc", "linen is missing again"))
def d27(): raise Coded(7, "linen is missing again")
@case(("exc", "Referral with key {key} does not exist"))
def d28(): raise NotFoundError("Referral", VALUE)
@case(("exc", "this referral was withdrawn"))
def d29(): raise Gone()
@case(("exc", "got {self.got} but wanted {self.want}"))
def d30(): raise Mismatch(VALUE, OTHER)
@case(("exc", "Service Unavailable"))
def d31(): raise HTTPException(503)
@case(("exc~", "ward_closed"))
def d32(): raise HTTPException(status_code=409, detail={"code": "ward_closed", "who": VALUE})
@case(("body", "retry in a minute, {guest.name}"))
def d33():
    pick = "retry in a minute" if VALUE else "give up"
    log.info(f"retry in a minute, {guest.name}" if VALUE else pick)
def guard(cond, text, *args):
    if not cond: raise PermissionError(text % args if args else text)
@case(("exc", "{…} may not open that door")) if False else case(("exc~", " may not open that door"))
def d34(): guard(False, "%s may not open that door", VALUE)
class Service:
    name = "pharmacy link"
    def __init__(self): self.log = logging.getLogger("harbor.service"); self.log.setLevel(10); self.failure = "pharmacy link is down for now"
    def call(self): self.log.error(self.failure)
    def _fail(self, why): raise ConnectionError(why)
    async def acall(self): self._fail(f"no route to {guest.name} by now")
@case(("body", "pharmacy link is down for now"))
def d35(): Service().call()
@case(("exc", "no route to {guest.name} by now"))
def d36(): asyncio.run(Service().acall())
@case(("span", "Service.acall"))
def d37():
    with tracer.start_as_current_span(Service.acall.__qualname__): pass
def traced(name=None, **kw):
    def deco(fn):
        label = name or f"{fn.__module__}.{fn.__qualname__}"
        @functools.wraps(fn)
        async def inner(*a):
            with tracer.start_as_current_span(label): return await fn(*a)
        return inner
    return deco
@traced()
async def refill(x): pass
@traced("wash the linen")
async def wash(x): pass
@case(("span", "wash the linen"))
def d38(): asyncio.run(wash(1))
@case(("span~", "refill"))
def d39(): asyncio.run(refill(1))
@case(("span", "counting beds"))
def d40():
    cm = tracer.start_as_current_span("counting beds", kind=SpanKind.INTERNAL)
    with contextlib.ExitStack() as st: st.enter_context(cm)
@case(("body", "from a partial {guest.name}"))
def d41(): functools.partial(log.info, f"from a partial {guest.name}")()
@case(("body", "thread pool says {guest.name}"))
def d42():
    with ThreadPoolExecutor(1) as ex: ex.submit(lambda: log.info(f"thread pool says {guest.name}")).result()
@case(("span~", "send_fax"), ("body", "fax queued for %s"))
def d43():
    app = FastAPI()
    @app.get("/fax/{n}")
    def fax(n: str):
        from starlette.background import BackgroundTask
        return JSONResponse({}, background=BackgroundTask(work.send_fax, n))
    TestClient(app).get("/fax/" + VALUE)
