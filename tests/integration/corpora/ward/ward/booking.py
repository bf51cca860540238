"""Plain stdlib logging, as services do it."""
import functools
import logging
import logging.config
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ward import people

logger = logging.getLogger(__name__)
log = logging.getLogger("clinic.booking")
_LOGGER = logging.getLogger("clinic.devices")


def idiom_log_booked_appointment():
    patient = people.PATIENT
    room = people.ROOM
    logger.info("Booked appointment for %s in room %s", patient.name, room)


def idiom_log_reminder_fstring():
    phone = people.PATIENT.phone
    logger.info(f"Reminder sent to {phone} via SMS")


def idiom_log_overdue_percent_operator():
    logger.warning("Invoice %s is overdue for %s" % (people.INVOICE, people.PATIENT.name))


def idiom_log_letter_format():
    logger.error("Could not deliver letter to {}, address {} unknown".format(people.NAME_B, people.ADDRESS))


def idiom_log_import_skipped_named_format():
    row = people.ROW
    logger.warning("Import of record {mrn} skipped, no consent from {name}".format(**row))


def idiom_log_delete_account_plus():
    user = people.USERNAME
    log.info("Deleting account of user " + user)


def idiom_log_lab_plus_str():
    value = people.LAB
    log.warning("Lab value out of range: " + str(value) + ", patient " + people.MRN)


def idiom_log_unmatched_join():
    unmatched = [people.PATIENT, people.PATIENT_B]
    log.info("Unmatched patients: " + ", ".join(p.name for p in unmatched))


def idiom_log_merge_duplicates():
    ids = [people.MRN, people.MRN_B]
    logger.debug("Merging duplicates [%s] into %s", ", ".join(sorted(ids)), people.NAME)


def idiom_log_extra_prescription():
    logger.info("Prescription renewed", extra={"drug": people.DRUG, "mrn": people.MRN})


def idiom_log_extra_login_failed():
    logger.warning("Login failed for %s", people.USERNAME, extra={"client_ip": people.IP})


def idiom_log_exception_parse_dob():
    from datetime import date
    try:
        date.fromisoformat(people.DOB_TEXT)
    except ValueError:
        logger.exception("Failed to parse date of birth of %s", people.NAME)


def idiom_log_exc_info_card():
    def charge(card):
        raise RuntimeError(f"gateway declined {card}")
    try:
        charge(people.CARD)
    except RuntimeError:
        logger.error("Charging card failed for policy %s", people.POLICY, exc_info=True)


def idiom_log_error_with_exception_text():
    try:
        raise ConnectionError("mailbox unavailable: " + people.EMAIL)
    except ConnectionError as e:
        logger.error(f"Could not sync contact: {e}")


def idiom_log_webhook_failed_args():
    try:
        raise OSError("no route to %s" % people.PHONE_B)
    except OSError as exc:
        log.warning("Webhook for %s failed: %s", people.MRN_B, exc)


class PatientAdapter(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        return "[patient %s] %s" % (self.extra["mrn"], msg), kwargs


def idiom_log_adapter_process():
    plog = PatientAdapter(logger, {"mrn": people.MRN})
    plog.info("discharged to %s", people.CITY)


def idiom_log_adapter_plain_extra():
    adapter = logging.LoggerAdapter(logger, extra={"referral": people.REFERRAL})
    adapter.info("Referral accepted by %s", people.THERAPIST)


class RequestUserFilter(logging.Filter):
    def __init__(self, user):
        super().__init__()
        self.user = user

    def filter(self, record):
        record.user = self.user
        return True


def idiom_log_filter_adds_user():
    audit = logging.getLogger("clinic.audit.view")
    f = RequestUserFilter(people.USERNAME)
    audit.addFilter(f)
    try:
        audit.info("Opened chart %s", people.MRN)
    finally:
        audit.removeFilter(f)


class PrefixFilter(logging.Filter):
    def filter(self, record):
        record.msg = "ward round: " + str(record.msg)
        return True


def idiom_log_filter_rewrites_msg():
    rounds = logging.getLogger("clinic.rounds")
    if not rounds.filters:
        rounds.addFilter(PrefixFilter())
    rounds.info("%s moved to %s", people.NAME_B, people.WARD)


def idiom_log_child_logger():
    uploads = logger.getChild("uploads")
    uploads.info("queued scan %s", people.SCAN)


class InvoiceService:
    def __init__(self):
        self.logger = logging.getLogger(f"{__name__}.{self.__class__.__name__}")

    def remind(self, patient, amount):
        self.logger.info("Sending dunning letter to %s, open amount %.2f NOK", patient, amount)


def idiom_log_self_logger():
    InvoiceService().remind(people.PATIENT, people.AMOUNT)


class LoggingMixin:
    @property
    def log(self):
        return logging.getLogger(f"tasks.{type(self).__name__}")


class RecallTask(LoggingMixin):
    def run(self, patient):
        self.log.info("Recall letter for %s born %s", patient.name, patient.dob)


def idiom_log_mixin_property():
    RecallTask().run(people.PATIENT)


def idiom_log_log_with_level():
    level = logging.WARNING if people.AGE > 40 else logging.INFO
    logger.log(level, "Blood pressure check for %s", people.NAME_B)


def idiom_log_mapping_args():
    logger.info("Moved %(name)s from ward %(ward)s", {"name": people.NAME, "ward": people.WARD})


def idiom_log_payload_repr():
    payload = {"mrn": people.MRN, "name": people.NAME}
    logger.warning("Unexpected payload from clinic app: %r", payload)


def idiom_log_debug_equals():
    ward = people.WARD
    logger.debug(f"no such ward {ward=}")


def idiom_log_formatted_number():
    p, w = people.PATIENT, people.WEIGHT
    logger.info(f"{p.name} weighs {w:.1f} kg, BMI review due for {p.dob:%d %b %Y}")


def idiom_log_formatted_date():
    when = people.VISIT
    log.info(f"Next visit on {when:%d.%m.%Y %H:%M} with {people.THERAPIST}")


def idiom_log_multiline_implicit():
    logger.warning(
        "The discharge summary of %s could not be printed "
        "on ward %s and was queued again",
        people.NAME,
        people.WARD,
    )


def idiom_log_multiline_fstrings():
    row = people.ROW_B
    logger.info(
        f"Skipping row for {row['mrn']} "
        f"because the phone number {row['phone']} "
        "has no country code"
    )


def idiom_log_dedent_report():
    logger.info(textwrap.dedent(f"""\
        Nightly import finished.
        Last patient: {people.NAME}
        Last diagnosis: {people.DIAGNOSIS}
    """))


MSG_NO_SHOW = "Patient %s did not show up at %s"


def idiom_log_constant_message():
    logger.warning(MSG_NO_SHOW, people.NAME, people.VISIT)


MESSAGES = {
    "created": "Created contact {email}",
    "removed": "Removed contact {email} from mailing list",
}


def idiom_log_message_table():
    logger.info(MESSAGES["removed"].format(email=people.EMAIL))


def logged(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        logger.debug("Calling %s with args %s", func.__name__, args)
        return func(*args, **kwargs)
    return wrapper


@logged
def lookup_policy(policy):
    return policy


def idiom_log_decorator_args():
    lookup_policy(people.POLICY)


@contextmanager
def timed_step(label):
    logger.info("begin %s", label)
    yield


def idiom_log_context_manager():
    with timed_step(f"anonymising chart of {people.MRN}"):
        pass


def _describe(p):
    return f"{p.name} ({p.dob:%Y})"


def _audit(action, p):
    logger.info("%s: %s", action, _describe(p))


def idiom_log_helper_two_deep():
    _audit("record unlocked", people.PATIENT)


def idiom_log_background_thread():
    def work(number):
        logger.error("Worker could not fax results to %s", number)
    t = threading.Thread(target=work, args=(people.PHONE,), daemon=True)
    t.start()
    t.join()


def idiom_log_thread_pool():
    with ThreadPoolExecutor(max_workers=1) as pool:
        list(pool.map(lambda f: logger.info("Resized image %s", f), [people.SCAN]))


def idiom_log_partial():
    billing_info = functools.partial(logger.info, "[billing] refund of %s to %s")
    billing_info(people.AMOUNT, people.IBAN)


def idiom_log_enumerate_loop():
    for i, row in enumerate([people.ROW_B], start=1):
        log.warning("row %d has invalid e-mail %s", i, row["email"])


def idiom_log_conditional_piece():
    note = people.NOTE
    msg = f"Saved note for {people.NAME}"
    if note.strip():
        msg += f" (flagged: {note})"
    logger.info(msg)


logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"audit": {"format": "%(asctime)s %(name)s %(message)s"}},
    "handlers": {"null": {"class": "logging.NullHandler", "formatter": "audit"}},
    "loggers": {"clinic.export": {"handlers": ["null"], "level": "DEBUG"}},
})


def idiom_log_dict_config():
    logging.getLogger("clinic.export").info("export of %s written by %s", people.SCAN, people.USERNAME)


def idiom_log_is_enabled_for():
    if _LOGGER.isEnabledFor(logging.DEBUG):
        _LOGGER.debug("raw device frame for %s: glucose=%s", people.MRN, people.LAB)


class LazyPatient:
    def __init__(self, p):
        self.p = p

    def __str__(self):
        return f"{self.p.name} <{self.p.email}>"


def idiom_log_lazy_str_object():
    logger.info("Subscribed %s to newsletter", LazyPatient(people.PATIENT))


def idiom_log_walrus():
    if (due := people.PATIENT.balance) < 0:
        logger.warning("Patient %s has open balance %s", people.PATIENT, due)


def idiom_log_stacklevel_helper():
    def warn(msg, *args):
        logger.warning(msg, *args, stacklevel=2)
    warn("slow query for surname %s", people.SURNAME)


def idiom_log_module_function():
    logging.info("Sterilisation batch signed by %s", people.THERAPIST)


def idiom_log_value_first():
    logger.info(f"{people.NAME_B}: no allergies recorded")


def idiom_log_padded_percent():
    logger.info("Ledger %-30s owes %10s", people.NAME, people.AMOUNT)
