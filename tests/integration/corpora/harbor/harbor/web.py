# ruff: noqa
"""Requests, and Sentry."""

from .ground import *

# 5 web
@case(("attr", "http.route=/v3/wards/{ward}/beds/{bed}"), ("exc", "bed of {bed} burnt"))
def h1():
    leaf = APIRouter(); mid = APIRouter(prefix="/wards/{ward}")
    @leaf.put("/beds/{bed}")
    def put(ward: str, bed: str): raise ValueError(f"bed of {bed} burnt")
    mid.include_router(leaf); sub = FastAPI(); sub.include_router(mid); app = FastAPI(); app.mount("/v3", sub)
    TestClient(app, raise_server_exceptions=False).put(f"/v3/wards/{OTHER}/beds/{VALUE}")
@case(("sentry", "0d6f0a4e-8f0b-4a51-9a52-0f7f8a0c9d11"))
def h2():
    app = FastAPI()
    @app.middleware("http")
    async def rid(request: Request, nxt):
        request.state.request_id = "0d6f0a4e-8f0b-4a51-9a52-0f7f8a0c9d11"; return await nxt(request)
    @app.get("/rid")
    async def rid_view(): raise RuntimeError("view with an id failed")
    TestClient(app, raise_server_exceptions=False).get("/rid")
@case(("sentry", "fax-provider-down"))
def h3(): sentry_sdk.capture_message("provider of faxes is down", fingerprint=["fax-provider-down"])
@case(("sentry", "scoped-finger"))
def h4():
    sc = sentry_sdk.get_current_scope(); sc.fingerprint = ["{{ default }}", "scoped-finger"]
    try: raise ValueError("scoped one")
    except ValueError as e: sentry_sdk.capture_exception(e)
    sc.fingerprint = None
@case(("body", "handler saw a conflict: "))
def h5():
    app = FastAPI()
    @app.exception_handler(BedTaken)
    async def on(request, exc): log.warning("handler saw a conflict: %s", exc); return JSONResponse({}, 409)
    @app.post("/beds")
    def post(): raise BedTaken(bed=VALUE, ward=OTHER)
    TestClient(app).post("/beds")
@case(("attr~", "http.route=/ws/{room}"))
def h6():
    app = FastAPI()
    @app.websocket("/ws/{room}")
    async def ws(s: WebSocket, room: str): await s.accept(); await s.close()
    with TestClient(app).websocket_connect("/ws/" + VALUE) as c: pass
