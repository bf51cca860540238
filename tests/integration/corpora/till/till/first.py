from __future__ import annotations
import asyncio, logging, sys, traceback
from decimal import Decimal
from pathlib import Path
from frame import idiom
from till import billing, imports, jobs, mail
from till.billing import Code, Invoice, Line, Interval

logging.getLogger().setLevel(logging.DEBUG)
log = logging.getLogger(__name__)


# billing
@idiom
def charge(p):
    try: billing.charge(p.name, 3)
    except billing.Declined: pass

@idiom
def charge_declined(p):
    billing.charge(p.name, 3)

@idiom
def refund(p):
    billing.refund(40, p.name)

@idiom
def locked(p):
    i = Invoice(p.id, p.name); i.lock(); i.lock()

@idiom
def unbalanced(p):
    raise billing.Unbalanced(p.id, 3)

@idiom
def limit(p):
    raise billing.LimitError(p.id)

@idiom
def tax(p):
    raise billing.TaxError(p.name)

@idiom
def line(p):
    Line(p.name, Decimal(3), 0)

@idiom
def result_message(p):
    result = billing.check(p.id)
    if not result.ok:
        log.warning(f"Payment of {p.name} refused: amount exceeds the daily limit")

@idiom
def result_logged(p):
    result = billing.check(p.id)
    log.warning("Payment refused: %s", result.message)

@idiom
def result_raised(p):
    result = billing.check(p.id)
    raise billing.BillingError(result.message)

@idiom
def pay(p):
    Invoice(p.id, p.name).pay(12.5)

@idiom
def pay_span(p):
    Invoice(p.id, p.name).pay(12.5)

@idiom
def pay_event(p):
    Invoice(p.id, p.name).pay(12.5)

@idiom
def load(p):
    Invoice.load({"number": p.id})

@idiom
def validate(p):
    Invoice.validate(p.id)

@idiom
def title_property(p):
    i = Invoice(p.id, p.name)
    log.info("Printing " + i.title)

@idiom
def repr_logged(p):
    i = Invoice(p.id, p.name)
    log.info(f"Cannot print {i!r}")

@idiom
def explained(p):
    raise billing.BillingError(billing.explain("late"))

@idiom
def message_for(p):
    log.info(billing.message_for("reminder"))

@idiom
def describe(p):
    log.info("Plan changed: " + Interval.MONTHLY.describe())

@idiom
def enum_text(p):
    log.error(Code.EXPIRED.text)

@idiom
def enum_text_f(p):
    log.error(f"Customer {p.name}: The card has expired")

@idiom
def decimal(p):
    total = sum([Decimal("1.5"), Decimal(2)])
    log.info(f"Total is {total:>10.2f} after rounding for {p.name!s:<20}")

@idiom
def currency(p):
    raise ValueError(f"Unknown currency {p.name}; expected one of {sorted(billing.CURRENCIES)}")

@idiom
def multi(p):
    number, rest = p.id, 3
    message = (
        "Credit note {} exceeds "
        "the invoice by {}"
    ).format(number, rest)
    raise billing.BillingError(message)

@idiom
def hint(p):
    raise billing.BillingError(f"Account {p.name} is incomplete. {billing.HINT}")

@idiom
def ternary_parts(p):
    level = 2
    log.info(f"dunning level {level} of {'company' if p.id else 'person'} {p.name}")

# mail
@idiom
def dry(p):
    mail.Mailer().send(p.email, p.name, dry_run=True)

@idiom
def delivery(p):
    try: mail.Mailer().send(p.email, p.name)
    except mail.MailError: pass

@idiom
def deliver_exc(p):
    mail.Mailer().send(p.email, p.name)

@idiom
def bounced(p):
    raise mail.Bounced(p.email)

@idiom
def ensured(p):
    @mail.ensure
    async def go(x):
        raise mail.MailError(f"greylisted {x}")
    async def main():
        try: await go(p.email)
        except mail.MailError: pass
    return main()

@idiom
def ensured_exc(p):
    @mail.ensure
    async def go(x):
        raise mail.MailError(f"greylisted {x}")
    async def main():
        try: await go(p.email)
        except mail.MailError: pass
    return main()

@idiom
def broke(p):
    try:
        with mail.connection(p.email):
            raise mail.MailError("pipe broken")
    except mail.MailError: pass

@idiom
def closed(p):
    with mail.connection(p.email): pass

@idiom
def subject(p):
    log.info(mail.subject(p.name))

@idiom
def subject_prefixed(p):
    log.info(f"Queued: {mail.subject(p.name)}")
    log.info("Queued: Your appointment with %s" % p.name)

@idiom
def mail_report(p):
    log.info(mail.report({p.name: 3}))

@idiom
def smtp(p):
    import smtplib
    smtplib.SMTP("127.0.0.1", 9)

@idiom
def smtp_unconnected(p):
    import smtplib
    smtplib.SMTP().sendmail(p.email, p.email, p.name)

# imports
@idiom
def column(p):
    imports.read("email\n" + p.email, p.name)

@idiom
def lacks(p):
    try: imports.read("email\n" + p.email, p.name)
    except imports.ImportFailed: pass

@idiom
def duplicate(p):
    list(imports.parse([{"email": p.email}, {"email": p.email}]))

@idiom
def row_error(p):
    list(imports.parse([{"email": p.name}]))

@idiom
def missing_file(p):
    imports.load_json(Path("/nonexistent") / p.name)

@idiom
def summary(p):
    imports.summarise(1, p.id, 2)

@idiom
def summary_plain(p):
    imports.summarise(1, p.id, 0)

@idiom
def csv_nul(p):
    import csv
    csv.field_size_limit(10)
    try:
        list(csv.reader([p.name * 3]))
    except csv.Error as e:
        raise ValueError(f"line contains NUL or is too long: {e}") from e
    finally:
        csv.field_size_limit(131072)

@idiom
def undecodable(p):
    b"\xff\xfe\xfa".decode("utf-8")

@idiom
def extension(p):
    suffix = Path(p.email).suffix
    match suffix:
        case ".csv" | ".json": return
        case _: raise NotImplementedError(f"Unsupported extension {suffix!r} of {p.email}")

@idiom
def reading(p):
    size = 1 << 20
    log.debug("Reading %s bytes from %r" % (f"{size:,}", p.name))

# jobs
@idiom
def job_span(p):
    jobs.expire(p)

@idiom
def job_retry(p):
    jobs.expire(p)

@idiom
def job_crashed(p):
    try: jobs.purge(p)
    except jobs.JobError: pass

@idiom
def job_crashed_exc(p):
    try: jobs.purge(p)
    except jobs.JobError: pass

@idiom
def job_wrapped(p):
    jobs.purge(p)

@idiom
def retry_default(p):
    raise jobs.Retry(p.id)

@idiom
def lock(p):
    async def go():
        async with jobs.lock(p.name): pass
    return go()

@idiom
def lock_released(p):
    async def go():
        async with jobs.lock(p.name): pass
    return go()

@idiom
def polling(p):
    jobs.Worker(p.id, p.name).start()

@idiom
def worker_timeout(p):
    async def go():
        try: await jobs.Worker(p.id, "q").step(p.name)
        except TimeoutError: pass
    return go()

@idiom
def worker_left(p):
    with jobs.Worker(p.id, "q"):
        raise ValueError(f"queue of {p.name} is poisoned")

@idiom
def worker_left_exc(p):
    with jobs.Worker(p.id, "q"):
        raise ValueError(f"queue of {p.name} is poisoned")

@idiom
def backoff(p):
    jobs.backoff(3)

@idiom
def loop_handler(p):
    async def go():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: log.error(f"Unhandled exception in {context.get('message')}"))
        loop.call_exception_handler({"message": p.name})
    return go()

@idiom
def gather(p):
    async def one(): raise OSError(p.name)
    async def go():
        got = await asyncio.gather(one(), one(), return_exceptions=True)
        errors = [g for g in got if isinstance(g, BaseException)]
        raise RuntimeError(f"{len(errors)} of {len(got)} tasks failed, first: {errors[0]!r}")
    return go()

@idiom
def queue_full(p):
    q = asyncio.Queue(1)
    async def go():
        q.put_nowait(p)
        try: q.put_nowait(p)
        except asyncio.QueueFull: raise jobs.JobError("Queue is full") from None
    return go()

@idiom
def overrun(p):
    by = 3
    text = "Recurring task %(name)s overran its slot by %(by)d s" % {"name": p.name, "by": by}
    log.warning(text)

@idiom
def next_run(p):
    template = "next run of {job} in {wait} s"
    log.info(template.format(job=p.name, wait=3))

@idiom
def formatted(p):
    try: raise ValueError(p.name)
    except ValueError:
        log.error("Traceback of the failed job:\n%s", traceback.format_exc())
