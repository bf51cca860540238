from __future__ import annotations
import asyncio
import json
import logging
import warnings
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path

from opentelemetry import trace
from frame import idiom
from desk import errors, models, support
from desk.errors import DeskError, TicketNotFound, QueueFull

logger = logging.getLogger(__name__)
_LOGGER = logging.getLogger("desk.entity")
tracer = trace.get_tracer(__name__)
logging.getLogger().setLevel(logging.DEBUG)
logging.getLogger("asyncio").setLevel(logging.WARNING)

NOT_ALLOWED = "You are not allowed to perform this action"
ERR_PREFIX = "[desk] "
MISSING_FMT = "Setting {key} is missing from {section}"
LINES = (
    "The nightly sync was skipped because "
    "another one is still running"
)


# --- logging -----------------------------------------------------------------------------------
@idiom
def log_f_string(p):
    logger.info(f"Created ticket {p.id} for contact {p.name}")


@idiom
def log_percent(p):
    logger.warning("Skipping duplicate e-mail during enrolment: %s", p.email)


@idiom
def log_f_format_spec(p):
    took, count = 1.25, 12
    logger.info(f"Imported {count:,} contacts in {took:.2f}s ({count!r} skipped)")


@idiom
def log_str_format(p):
    logger.warning("Webhook for {} returned {}, retrying".format(p.email, 503))


@idiom
def log_named_format(p):
    logger.info("Webhook target {target} is disabled".format(target=p.email))


@idiom
def log_percent_dict(p):
    logger.info("Removed %(count)d stale sessions of %(who)s", {"count": 4, "who": p.name})


@idiom
def log_concat(p):
    logger.info("User " + p.name + " logged in from " + p.phone)


@idiom
def log_implicit(p):
    logger.error(
        f"Sync of the calendar of {p.name} "
        f"failed with status {503}, "
        "will be tried again in an hour"
    )


@idiom
def log_constant(p):
    logger.info(LINES)


@idiom
def log_prefix_constant(p):
    logger.info(ERR_PREFIX + f"no agent is available for {p.name}")


@idiom
def log_constant_format(p):
    logger.error(MISSING_FMT.format(key=p.email, section="mail"))


@idiom
def log_join(p):
    missing = [p.name, p.email]
    logger.error(f"Missing filenames: {', '.join(missing)}")


@idiom
def log_conditional(p):
    closed = bool(p.id)
    logger.info("Ticket has been %s" % ("closed" if closed else "reopened"))


@idiom
def log_conditional_whole(p):
    closed = not p.id
    logger.info("closed the ticket" if closed else "reopened the ticket")


@idiom
def log_local_message(p):
    msg = f"Mailbox {p.email} is over quota"
    logger.warning(msg)


@idiom
def log_augmented(p):
    text = f"Contact {p.name} was merged"
    if p.id:
        text += " by an agent"
    logger.info(text)


@idiom
def log_exception_f(p):
    try:
        {}[p.name]
    except KeyError as e:
        logger.exception(f"Failed to process item (contact={p.name}): {e}")


@idiom
def log_exception_literal(p):
    try:
        raise DeskError(f"Provider {p.name!r} is not supported")
    except DeskError:
        logger.exception("Failed to load provider")


@idiom
def log_type_name(p):
    try:
        raise LookupError(p.name)
    except LookupError as e:
        logger.error(f"Unexpected error in exit handler: {type(e).__name__}: {e}")


@idiom
def log_pipes(p):
    logger.error("Command failed | command=%s | error=%s", " ".join(["ls", p.name]), p.email)


@idiom
def log_mixin(p):
    class Service(support.Audited):
        pass
    Service().audit("contact exported", actor=p.name)


@idiom
def log_adapter(p):
    support.Adapter(logger, {"queue": "exports"}).info("Export finished for %s", p.name)


@idiom
def log_stage(p):
    with support.stage("collect attachments"):
        pass


@idiom
def span_stage(p):
    with support.stage("collect attachments"):
        pass


@idiom
def log_timed(p):
    with support.timed("index rebuild"):
        pass


@idiom
def log_decorated(p):
    @support.log_calls
    def assign(person):
        raise PermissionError(f"{person.name} may not be assigned to this queue")
    try:
        assign(p)
    except PermissionError:
        pass


@idiom
def log_decorated_exc(p):
    @support.log_calls
    def assign(person):
        raise PermissionError(f"{person.name} may not be assigned to this queue")
    try:
        assign(p)
    except PermissionError:
        pass


@idiom
def log_retry(p):
    @support.retry(2)
    def push(person):
        raise ConnectionError(person.name)
    try:
        push(p)
    except TimeoutError:
        pass


@idiom
def exc_retry(p):
    @support.retry(2)
    def push(person):
        raise ConnectionError(person.name)
    push(p)


@idiom
def log_module_level_helper(p):
    def _warn(option):
        logger.warning("Using deprecated option %r", option)
    _warn(p.name)


@idiom
def log_level_call(p):
    logger.log(logging.INFO, "Polling the gateway every %s seconds", 30)


@idiom
def log_loop(p):
    for person in [p]:
        logger.debug(f"nothing to do for {person.name.upper()}")


@idiom
def log_helper_levels(p):
    def log_update_error(logger, action, name, error, level=logging.ERROR):
        logger.log(level, "Could not %s %s due to error: %s", action, name, error.__class__.__name__)
    log_update_error(_LOGGER, "update", p.name, ValueError())


@idiom
def log_comprehension(p):
    [logger.info("Worker is shutting down") for _ in range(1)]


@idiom
def log_len(p):
    logger.debug(f"Response for {p.email}: {len(p.name)} characters")


@idiom
def log_enum_values(p):
    logger.info(f"Moved from {models.State.OPEN.value} to {models.State.WAITING.value}")


@idiom
def log_nested_f(p):
    logger.info(f"Contact: {f'{p.name} <{p.email}>'} rejected")


@idiom
def log_walrus(p):
    if (n := len(p.name)) > 3:
        logger.debug(f"Cache miss for key {n}:{p.name}")


@idiom
def log_json(p):
    logger.info("Payload received: " + json.dumps({"name": p.name}))


@idiom
def log_path(p):
    logger.info("Uploaded %s to %s", Path("/tmp") / p.name, datetime.now(timezone.utc))


@idiom
def log_triple(p):
    logger.info(f"""Summary: {1} created,
    {2} updated for {p.name}""")


@idiom
def log_lines_join(p):
    lines = ["The following contacts have no owner:"]
    lines.append(p.name)
    logger.warning("\n".join(lines))


@idiom
def log_warning_captured(p):
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("Parameter `owner` is deprecated, use `assignee` instead", DeprecationWarning, stacklevel=2)
    finally:
        logging.captureWarnings(False)


@idiom
def log_match(p):
    match p.name:
        case "open":
            logger.info("open")
        case other:
            logger.error(f"unhandled state {other}")


@idiom
def log_class_method(p):
    class Runner:
        LABEL = "Finished run in %s"
        def go(self):
            logger.info(self.LABEL, p.phone)
    Runner().go()


@idiom
def log_partial(p):
    import functools
    announce = functools.partial(logger.info, "Rebuilding the index of %s")
    announce(p.name)


@idiom
def log_dynamic_level(p):
    getattr(logger, "warning")(f"Deleting {p.name}: inactive since {p.id}")


@idiom
def log_self_name(p):
    class Job:
        name = "purge"
        def run(self):
            logger.info("Starting scheduled job {0.name} for {1}".format(self, p.name))
    Job().run()


# --- raising -----------------------------------------------------------------------------------
@idiom
def raise_f(p):
    action = p.email
    raise PermissionError(f"Permission denied: tickets.{action}")


@idiom
def raise_default(p):
    raise TicketNotFound()


@idiom
def raise_own(p):
    raise TicketNotFound(f"Ticket {p.id} was deleted")


@idiom
def raise_queue(p):
    raise QueueFull(p.name, p.id)


@idiom
def raise_str(p):
    raise errors.AssigneeMissing(p.name)


@idiom
def raise_template(p):
    raise errors.InvalidTransition(p.name, "closed")


@idiom
def raise_plugin(p):
    raise errors.PluginError(p.name, p.email)


@idiom
def raise_macro(p):
    raise errors.MacroError("disabled")


@idiom
def raise_contact(p):
    raise errors.ContactError(p)


@idiom
def raise_sla(p):
    raise errors.SlaBreached(p.id)


@idiom
def raise_detail(p):
    raise errors.UpstreamGone


@idiom
def raise_detail_own(p):
    raise errors.ApiProblem("The gateway said " + p.name)


@idiom
def raise_from(p):
    try:
        int(p.name)
    except ValueError as error:
        raise DeskError("Needs an SMTP host: set MAIL_HOST.") from error


@idiom
def raise_constant(p):
    raise PermissionError(NOT_ALLOWED)


@idiom
def raise_require(p):
    support.require(not p.id, "the export must have at least one column")


@idiom
def raise_fail(p):
    support.fail("Row %d has no column %s", p.id, p.name)


@idiom
def raise_type(p):
    value = p.name
    raise TypeError(f"expected a mapping, got {type(value).__name__}")


@idiom
def raise_choices(p):
    allowed = ("open", "closed")
    raise ValueError("state must be one of %s, not %r" % (", ".join(allowed), p.name))


@idiom
def raise_wrapping(p):
    try:
        raise OSError(p.name)
    except OSError as exc:
        raise DeskError(f"Error while restoring backup: {exc}") from exc


@idiom
def raise_assert(p):
    assert not p.id, "closing a closed ticket"


@idiom
def raise_assert_f(p):
    assert p.id == 1, f"unexpected owner {p.name}"


@idiom
def raise_post_init(p):
    models.Attachment(p.name, -p.id)


@idiom
def raise_keyerror(p):
    raise KeyError(f"no handler for {p.name}")


@idiom
def raise_not_implemented(p):
    class Renderer:
        def render(self):
            raise NotImplementedError("Subclasses must implement render()")
    class Pdf(Renderer):
        pass
    Pdf().render()


@idiom
def raise_not_implemented_f(p):
    class Renderer:
        def render(self):
            raise NotImplementedError(f"{type(self).__name__} must implement render for {p.name}")
    Renderer().render()


@idiom
def raise_list(p):
    problems = [f"{f} is required" for f in (p.name,)]
    raise ValueError("Validation failed:\n" + "\n".join(f"- {x}" for x in problems))


@idiom
def raise_list_f(p):
    failed = [p.name]
    raise DeskError(f"Maintenance failed for: {failed}")


@idiom
def raise_group(p):
    raise ExceptionGroup("Several tickets failed", [ValueError(p.name)])


@idiom
def raise_in_task(p):
    async def job():
        raise RuntimeError(f"task was cancelled by {p.name}")
    async def main():
        async with asyncio.TaskGroup() as tg:
            tg.create_task(asyncio.sleep(0))
        await asyncio.create_task(job())
    return main()


@idiom
def raise_in_thread(p):
    from concurrent.futures import ThreadPoolExecutor
    def job():
        raise TimeoutError(f"{p.name} took longer than {p.id} seconds")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(job).result()


@idiom
def raise_float(p):
    float(p.name)


@idiom
def raise_int(p):
    int(p.name)


@idiom
def raise_attribute(p):
    p.phone_home


@idiom
def raise_unpack(p):
    a, b, c = p.name.split()


@idiom
def raise_missing_argument(p):
    def assign(ticket, queue):
        pass
    assign(p)


@idiom
def raise_index(p):
    [][p.id]


@idiom
def raise_json(p):
    json.loads(p.name)


@idiom
def raise_dumps(p):
    json.dumps({"who": p})


@idiom
def raise_strptime(p):
    datetime.strptime(p.name, "%Y-%m-%d")


@idiom
def raise_open(p):
    open(f"/nonexistent/{p.name}")


@idiom
def raise_enum(p):
    models.State(p.name)


@idiom
def raise_naive(p):
    datetime.now() < datetime.now(timezone.utc)


@idiom
def raise_operand(p):
    p.id + p.name


@idiom
def raise_concat(p):
    p.name + p.id


@idiom
def raise_iso(p):
    datetime.fromisoformat(p.name)


@idiom
def raise_generator(p):
    def gen():
        yield next(iter([]))
    list(gen())


@idiom
def raise_dict_changed(p):
    d = {p.name: 1}
    for k in d:
        d[k + "x"] = 2
