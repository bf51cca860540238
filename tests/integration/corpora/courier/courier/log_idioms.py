import asyncio
import contextlib
import functools
import gettext
import json
import logging
import textwrap
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from gettext import gettext as _
from gettext import ngettext
from string import Template

from . import messages
from .messages import SCAN_FAILED, TOO_HEAVY, Fault, Outcome, Stage
from .settings import NUMBER, OTHER, VALUE, settings

log = logging.getLogger(__name__)
audit_log = logging.getLogger("courier-audit")
fail = functools.partial(log.log, logging.ERROR)


@dataclass
class Parcel:
    ref: str
    weight: float = 2.5
    late: int = 12


parcel = Parcel(VALUE)


def l_walrus():
    if (late := parcel.late) > 5:
        log.warning(f"courier late by {late} minutes for {parcel.ref}")


def l_level():
    urgent = bool(parcel.ref)
    log.log(logging.WARNING if urgent else logging.INFO, "pickup window changed for %s", parcel.ref)


class RouteAdapter(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        return f"[{self.extra['route']}] {msg}", kwargs


def l_adapter_prefix():
    RouteAdapter(log, {"route": OTHER}).info("van left the yard")


def l_adapter_args():
    RouteAdapter(log, {"route": OTHER}).warning("van %s turned back", parcel.ref)


def l_adapter_plain():
    logging.LoggerAdapter(log, {"depot": OTHER}).info("pallet scanned twice")


def l_extra():
    log.info("label printed", extra={"printer_kind": "thermal", "customer": VALUE})


def l_mapping():
    log.info("%(courier)s handed over %(count)d parcels to the shop", {"courier": OTHER, "count": 3})


def l_dedent():
    log.error(
        textwrap.dedent(
            f"""\
            nightly manifest failed
              depot: {OTHER}
              all attempts used up"""
        )
    )


def l_implicit():
    log.warning(
        "address could not be geocoded, "
        f"falling back from {OTHER} "
        "to the centre of the postcode"
    )


def l_conditional_piece():
    signed = parcel.late > 3
    log.info("delivery was " + ("signed for" if signed else "left at the door") + " by neighbour " + OTHER)


def l_conditional_fstring():
    log.info(f"queue {'grew' if parcel.late else 'shrank'} at hub {OTHER}{'!' if parcel.late else ''}")


def l_join_prefix():
    docs = [VALUE, OTHER]
    log.info("missing documents: " + ", ".join(docs))


def l_join_generator():
    changed = [VALUE, OTHER]
    log.info("; ".join(f"{name} was amended by hand" for name in changed))


def l_match():
    match parcel.late:
        case 0:
            text = "driver is on time today"
        case n if n > 10:
            text = "driver stuck in traffic"
        case _:
            text = "driver slightly delayed"
    log.info(text)


class SortingBelt:
    def __init__(self, name):
        self._log = logging.getLogger(__name__)
        self.name = name
        self.jams = 0

    def restart(self):
        self.jams += 1
        self._log.info("sorting belt %s restarted after %d jams", self.name, self.jams)

    def _warn(self, text, *args):
        self._log.warning("[belt %s] " + text, self.name, *args)

    def overheat(self):
        self._warn("motor too hot, cooling for %s seconds", 30)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self._log.error(f"belt {self.name} stopped by an error", exc_info=(kind, error, trace))
        return True


def l_self_log():
    SortingBelt(OTHER).restart()


def l_method_prefix():
    SortingBelt(OTHER).overheat()


def l_exit():
    with SortingBelt(OTHER):
        raise OSError("gear tooth broke off")


def notify(message, *args, level=logging.INFO):
    log.log(level, message, *args)


def audit(event, **details):
    audit_log.info("audit event %s", event, extra=details)


def l_helper():
    notify("customs form %s rejected at the border", VALUE)


def l_helper_fstring():
    notify(f"weighbridge {VALUE} drifted off", level=logging.WARNING)


def l_helper_audit():
    audit("manifest.exported", actor=VALUE)


def l_partial():
    warn_ops = functools.partial(log.warning, "ops desk: %s is unreachable")
    warn_ops(OTHER)


def l_partial_module():
    fail("cold chain broken for %s", VALUE)


def make_reporter(kind):
    def report(thing):
        log.info(f"{kind} reported {thing} gone astray")

    return report


def l_closure():
    make_reporter("scanner")(VALUE)


def logged(label):
    def wrap(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                log.info("step %s took %.3f s in total", label, time.perf_counter() - started)

        return inner

    return wrap


@logged("tariff")
def l_decorator():
    return parcel.ref


def log_calls(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        log.debug(f"entering {function.__name__} with {args!r}, good luck")
        return function(*args, **kwargs)

    return inner


@log_calls
def compute(thing):
    return thing


def l_decorator_plain():
    compute(VALUE)


@contextlib.contextmanager
def timed(what):
    started = time.monotonic()
    try:
        yield
    finally:
        log.info("%s finished within %.2f s", what, time.monotonic() - started)


def l_context_manager():
    with timed("loading the van"):
        pass


def l_exception():
    try:
        {}[VALUE]
    except KeyError:
        log.exception("tariff table is incomplete")


def l_exception_raise():
    try:
        raise RuntimeError(f"lift {OTHER} stuck between floors")
    except RuntimeError:
        log.exception("goods lift failed for %s", VALUE)


def l_exc_info():
    try:
        json.loads("{" + VALUE)
    except ValueError as exc:
        log.error("webhook payload unusable: %s", exc, exc_info=True)


def l_stack_info():
    log.warning("deprecated depot code was used", stack_info=True)


def l_percent():
    log.info("bay %s is blocked by a trailer" % OTHER)


def l_percent_tuple():
    log.info("bay %s is cleaned by %r at noon" % (OTHER, VALUE))


def l_percent_dict():
    log.info("bay %(bay)s gets repainted in %(colour)s" % {"bay": OTHER, "colour": VALUE})


def l_format_named():
    log.info("dock {dock} reopened by {who} early".format(dock=3, who=OTHER))


def l_format_splat():
    fields = {"dock": NUMBER, "who": OTHER}
    log.info("dock {dock} assigned to {who} again".format(**fields))


def l_template():
    greeting = Template("Dear $name, your crate awaits collection")
    log.info(greeting.substitute(name=OTHER))


def l_constant():
    log.info(messages.PARCEL_MISSING)


def l_constant_format():
    log.warning(TOO_HEAVY.format(weight=parcel.weight, limit=settings.max_weight))


def l_constant_args():
    log.warning(SCAN_FAILED, VALUE)


def l_constant_percent():
    log.warning(messages.NOTICES["lost"] % parcel.late)


def l_settings():
    log.info(settings.offline_notice)


def l_enum():
    log.info(Outcome.RETURNED)


def l_enum_value():
    log.info(f"outcome of {VALUE} settled: {Outcome.DELIVERED.value}")


def l_enum_property():
    log.warning(Fault.NO_COVER.text)


def l_enum_property_piece():
    fault = Fault.NO_FUNDS
    log.warning(f"{fault.code}: {fault.text} for client {OTHER}")


def l_enum_name():
    log.info("stage is now %s for everybody", Stage.SORTED.name)


def l_class_attribute():
    log.info(messages.Text.SUSPENDED)


def l_class_attribute_format():
    log.info(messages.Text.RESUMED.format(OTHER))


def l_gettext():
    log.info(_("Your shipment is on its way"))


def l_gettext_format():
    log.info(_("Hello {name}, please meet the driver").format(name=OTHER))


def l_ngettext():
    n = parcel.late
    log.info(ngettext("%d crate is waiting outside", "%d crates are waiting outside", n) % n)


def l_translations():
    t = gettext.NullTranslations()
    log.info(t.gettext("customs paper was stamped"))


def l_nested():
    log.info(f"rate {f'{VALUE} per kilo':>30} is stale now")


def l_debug_spec():
    weight = NUMBER
    log.info(f"{weight=} exceeds the axle limit")


def l_repr():
    log.warning(f"could not parse {VALUE!r} as a number plate")


def l_spec():
    ratio = 0.237
    log.info(f"loaded {ratio:.1%} of van {VALUE:<20} so far today")


def l_lines():
    log.info("\n".join(["summary of the shift", f"driver: {OTHER}", "end of the summary"]))


def l_list_built():
    lines = ["first leg was driven"]
    lines.append(f"by {OTHER}")
    lines.append("second leg is open")
    log.info("\n".join(lines))


def l_augmented():
    text = "three stops were skipped"
    text += f" because of {OTHER}"
    log.warning(text)


def l_augmented_branch():
    text = "van is ready"
    if parcel.late:
        text = f"{text}, but {parcel.ref} is missing from the load"
    log.info(text)


def l_ternary():
    log.info("gate was opened" if parcel.late else "gate stays shut")


def l_or():
    note = ""
    log.info(note or "no remark from the driver")


async def stream(pages):
    for page in range(pages):
        log.info(f"page {page} of the manifest streamed to {OTHER}")
        yield page


async def l_async_generator():
    async for _page in stream(1):
        pass


def l_generator():
    def wanted(items):
        for item in items:
            if not item:
                log.debug("empty row was skipped")
                continue
            yield item

    def upper(items):
        for item in items:
            log.debug("row %s was normalised", item)
            yield item.upper()

    list(upper(wanted(["", VALUE])))


def l_dict_message():
    log.info({"event": "crate was opened", "by": VALUE})


def l_child():
    log.getChild("billing").info("invoice run was started")


def l_root():
    logging.info("ramp %s lowered for the night", VALUE)


def l_callback():
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(str.upper, VALUE)
        future.add_done_callback(lambda done: log.info("upload ended with %s on top", done.result()))


def l_thread():
    def work(ref):
        log.info(f"worker thread took {ref} from the shelf")

    thread = threading.Thread(target=work, args=(VALUE,), daemon=True)
    thread.start()
    thread.join()


def l_lambda():
    tell = lambda what: log.info("radio says %s over", what)  # noqa: E731
    tell(OTHER)


def l_warning():
    warnings.warn("legacy depot codes are going away", DeprecationWarning, stacklevel=2)


def l_warning_fstring():
    warnings.warn(f"depot {VALUE} still sends legacy codes", UserWarning, stacklevel=1)


def l_try_variable():
    try:
        verdict = f"stock count of {int(VALUE)} accepted"
    except ValueError:
        verdict = "stock count was not a number"
    log.info(verdict)


def l_star_args():
    args = ("tour %s merged into %s", VALUE, OTHER)
    log.info(*args)


def l_tuple_constant():
    level, text = logging.WARNING, "battery of the scanner is low"
    log.log(level, text)


def describe(thing):
    return f"shipment {thing} consists of fragile goods"


def l_describe():
    log.info(describe(VALUE))


def l_str_method():
    log.info(str(Summary(VALUE)))


class Summary:
    def __init__(self, ref):
        self.ref = ref

    def __str__(self):
        return f"digest of {self.ref} for the morning"


def l_object_message():
    log.info(Summary(OTHER))


def l_strip():
    log.info(
        """
        freezer %s defrosted itself
        """.strip(),
        VALUE,
    )


def l_capitalised():
    log.info("yard tractor refuelled".capitalize())


async def l_task():
    async def unload(ref):
        await asyncio.sleep(0)
        log.info(f"trailer {ref} was emptied by the night crew")

    await asyncio.create_task(unload(VALUE), name="unload")


async def l_gather():
    async def leg(name):
        log.info("leg towards %s planned", name)

    await asyncio.gather(*(leg(name) for name in (VALUE, OTHER)))


def l_isenabled():
    if log.isEnabledFor(logging.DEBUG):
        log.debug("raw label: %s, printed upside down", VALUE.encode())


IDIOMS = [f for name, f in list(globals().items()) if name.startswith("l_")]
