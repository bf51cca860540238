"""Own exception classes, in all the styles teams write them."""
import enum
import functools
import gettext
import string
import textwrap
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import HTTPException
from ward import people

_ = gettext.gettext


class BookingError(Exception):
    pass


def idiom_raise_bare_subclass():
    raise BookingError(f"no slot for {people.NAME} at {people.VISIT}")


class NotFoundError(Exception):
    def __init__(self, what, ident):
        self.what = what
        self.ident = ident
        super().__init__(f"{what} {ident} not found")


def idiom_raise_init_message():
    raise NotFoundError("Patient", people.MRN)


class DuplicateContact(Exception):
    message = "A contact with e-mail {email} already exists"

    def __init__(self, **kw):
        super().__init__(self.message.format(**kw))


def idiom_raise_class_attribute_template():
    raise DuplicateContact(email=people.EMAIL)


class ClinicException(Exception):
    msg_fmt = "An unknown error occurred"

    def __init__(self, message=None, **kwargs):
        self.kwargs = kwargs
        if not message:
            try:
                message = self.msg_fmt % kwargs
            except KeyError:
                message = self.msg_fmt
        super().__init__(message)


class ReferralRejected(ClinicException):
    msg_fmt = "Referral %(referral)s for %(patient)s was rejected by %(by)s"


def idiom_raise_openstack_style():
    raise ReferralRejected(referral=people.REFERRAL, patient=people.PATIENT, by=people.THERAPIST)


def idiom_raise_openstack_override():
    raise ClinicException("could not file letter from %s" % people.THERAPIST)


class PaymentDeclined(Exception):
    def __init__(self, card, amount):
        self.card, self.amount = card, amount

    def __str__(self):
        return f"payment of {self.amount} declined for card {self.card}"


def idiom_raise_dunder_str():
    raise PaymentDeclined(people.CARD, people.AMOUNT)


@dataclass
class DosageError(Exception):
    drug: str
    limit: int = 300

    def __str__(self):
        return f"dose {self.drug} exceeds the daily limit of {self.limit} mg"


def idiom_raise_dataclass_error():
    raise DosageError(people.DRUG)


@dataclass
class ImportFailure(Exception):
    line: int
    reason: str
    values: dict = field(default_factory=dict)

    def __post_init__(self):
        super().__init__(f"line {self.line}: {self.reason}")


def idiom_raise_dataclass_post_init():
    raise ImportFailure(12, "unknown insurer for " + people.POLICY)


class ErrorCode(enum.Enum):
    NO_CONSENT = "consent missing for {0}"
    LOCKED = "record {0} is locked by {1}"


class AppError(Exception):
    def __init__(self, code, *args):
        self.code = code
        super().__init__(code.value.format(*args))


def idiom_raise_enum_message():
    raise AppError(ErrorCode.LOCKED, people.MRN, people.USERNAME)


ERRORS = {
    1001: "unknown phone number %s",
    1002: "patient %s has no active policy",
}


def fail(code, *args):
    raise BookingError(ERRORS[code] % args)


def idiom_raise_error_table():
    fail(1002, people.NAME)


class MsgKey:
    TOO_YOUNG = "%s (born %s) is too young for this questionnaire"


def idiom_raise_constant_namespace():
    raise BookingError(MsgKey.TOO_YOUNG % (people.NAME, people.DOB))


def idiom_raise_gettext_format():
    raise BookingError(_("The address {address} is not in our region.").format(address=people.ADDRESS))


def idiom_raise_gettext_percent():
    raise BookingError(_("Doctor %s is on leave") % people.THERAPIST)


def idiom_raise_gettext_dict():
    raise PermissionError(_("User %(user)s may not open chart %(mrn)s") % {"user": people.USERNAME, "mrn": people.MRN})


class JsonableError(Exception):
    http_status_code = 400
    data_fields = []

    def __init__(self, msg):
        self._msg = msg

    @staticmethod
    def msg_format():
        return "{_msg}"

    @property
    def msg(self):
        return self.msg_format().format(_msg=self._msg, **{f: getattr(self, f) for f in self.data_fields})

    def __str__(self):
        return self.msg


class ChannelMissing(JsonableError):
    data_fields = ["channel", "owner"]

    def __init__(self, channel, owner):
        self.channel, self.owner = channel, owner
        self._msg = ""

    @staticmethod
    def msg_format():
        return _("Channel '{channel}' of {owner} does not exist")


def idiom_raise_jsonable_property():
    raise ChannelMissing(people.WARD, people.NAME)


def idiom_raise_jsonable_plain():
    raise JsonableError(_("Invalid token for {email}").format(email=people.EMAIL))


class DomainError(Exception):
    status_code = HTTPStatus.BAD_REQUEST
    default_detail = "The request could not be completed."

    def __init__(self, detail=None):
        self.detail = detail or self.default_detail
        super().__init__(self.detail)


class AlreadyDischarged(DomainError):
    status_code = HTTPStatus.CONFLICT
    default_detail = "Patient was already discharged."

    @classmethod
    def for_patient(cls, p):
        return cls(f"{p.name} was already discharged from {people.WARD}")


def idiom_raise_classmethod_factory():
    raise AlreadyDischarged.for_patient(people.PATIENT)


class ErrorWithContext(Exception):
    def __init__(self, msg, **context):
        self.context = context
        details = ", ".join(f"{k}={v}" for k, v in context.items())
        super().__init__(f"{msg} ({details})" if details else msg)


def idiom_raise_kwargs_context():
    raise ErrorWithContext("lab result rejected", value=people.LAB, mrn=people.MRN)


class MultiArgError(Exception):
    pass


def idiom_raise_several_args():
    raise MultiArgError("cannot merge", people.MRN, people.MRN_B)


def idiom_raise_unformatted_args():
    raise BookingError("no bed left on %s for %s", people.WARD, people.NAME)


class SchedulerError(Exception):
    """Base class; subclasses give `template`."""
    template = "scheduler error: $detail"

    def __init__(self, **values):
        super().__init__(string.Template(self.template).safe_substitute(values))


class JobStuck(SchedulerError):
    template = "reminder job for $phone is stuck since $since"


def idiom_raise_string_template():
    raise JobStuck(phone=people.PHONE, since=people.VISIT)


class ValidationFailed(Exception):
    def __init__(self, errors):
        self.errors = errors
        super().__init__("; ".join(f"{k}: {v}" for k, v in errors.items()))


def idiom_raise_errors_dict():
    errors = {}
    row = people.ROW
    errors["email"] = row["email"] + " is not deliverable"
    errors["phone"] = "cannot dial " + row["phone"]
    raise ValidationFailed(errors)


def idiom_raise_joined_problems():
    problems = [f"no consent from {r['name']}" for r in (people.ROW, people.ROW_B)]
    raise ImportError(f"{len(problems)} rows rejected\n" + "\n".join(problems))


def idiom_raise_from_keyerror():
    index = {}
    try:
        index[people.MRN]
    except KeyError as exc:
        raise BookingError(f"could not register {people.NAME}: duplicate key") from exc


def idiom_raise_from_none():
    try:
        {}[people.WARD]
    except KeyError:
        raise BookingError(f"Unknown ward {people.WARD!r}") from None


def idiom_raise_wrapping_text():
    try:
        raise RuntimeError(f"account {people.IBAN} closed")
    except Exception as e:
        raise BookingError(f"Statement export failed: {str(e)}")


def idiom_raise_decorator_wraps():
    def translate(func):
        @functools.wraps(func)
        def inner(*a, **kw):
            try:
                return func(*a, **kw)
            except RuntimeError as exc:
                raise BookingError(f"{type(exc).__name__} in {func.__name__}: {exc}") from exc
        return inner

    @translate
    def transfer_money(iban):
        raise RuntimeError("no funds on " + iban)

    transfer_money(people.IBAN)


@contextmanager
def error_prefix(prefix):
    try:
        yield
    except ValueError as exc:
        raise BookingError(f"{prefix}: {exc}") from exc


def idiom_raise_context_manager_wraps():
    with error_prefix(f"while importing {people.NAME}"):
        raise ValueError(f"bad age {people.ROW['age']}")


def idiom_raise_add_note():
    try:
        raise ValueError("questionnaire incomplete")
    except ValueError as exc:
        exc.add_note(f"patient: {people.NAME}")
        raise


def idiom_raise_add_note_on_own():
    err = BookingError(f"bad row for {people.MRN}")
    err.add_note("source file: " + people.SCAN)
    raise err


def idiom_raise_exception_group():
    errors = []
    for row in (people.ROW, people.ROW_B):
        errors.append(ValueError(f"no policy for {row['name']}"))
    raise ExceptionGroup(f"import of {people.SCAN} had errors", errors)


def idiom_raise_exception_group_member():
    raise ExceptionGroup("notifications failed", [ConnectionError(f"cannot reach {people.PHONE_B}")])


class BaseRepository:
    model_name = "object"

    def get(self, key):
        raise LookupError(f"{self.model_name} with key {key} does not exist")


class PatientRepository(BaseRepository):
    model_name = "Patient"


def idiom_raise_in_base_class():
    PatientRepository().get(people.MRN_B)


class RequirePhoneMixin:
    def require_phone(self):
        raise BookingError("%s has no usable phone (%s)" % (self.name, self.phone))


class Visitor(RequirePhoneMixin):
    name, phone = people.NAME_B, people.PHONE_B


def idiom_raise_mixin():
    Visitor().require_phone()


class Chart:
    def __init__(self, mrn):
        self.mrn = mrn

    @property
    def owner(self):
        raise BookingError(f"chart {self.mrn} has no owner")


def idiom_raise_property():
    return Chart(people.MRN).owner


def idiom_raise_match_statement():
    message = {"kind": "free-text", "body": people.NOTE, "sender": people.EMAIL}
    match message:
        case {"kind": "booking"}:
            return
        case {"body": body, "sender": sender}:
            raise BookingError(f"cannot handle message '{body}' from {sender}")


def idiom_raise_generator():
    def rows():
        for p in (people.NAME, people.NAME_B, people.NAME_C):
            if not p.isascii():
                raise BookingError("stopped at patient " + p)
            yield p
    list(rows())


async def idiom_raise_coroutine():
    async def fetch(name):
        raise BookingError(f"timed out waiting for scan {name}")
    await fetch(people.SCAN)


def _not_allowed(user, what):
    return BookingError(f"{user} is not allowed to {what}")


def idiom_raise_helper_returns_error():
    raise _not_allowed(people.USERNAME, f"see diagnosis {people.DIAGNOSIS}")


def _abort(msg, *args, exc=BookingError):
    raise exc(msg % args if args else msg)


def _check_balance(p):
    if p.balance < 0:
        _abort("%s owes %.2f, booking blocked", p.name, abs(p.balance))


def idiom_raise_helper_two_deep():
    _check_balance(people.PATIENT)


def idiom_raise_dedent():
    raise BookingError(textwrap.dedent("""\
        Import stopped.
          Row: {name}
          Phone: {phone}
        """).format(name=people.NAME, phone=people.PHONE))


def idiom_raise_implicit_concat():
    raise BookingError(
        f"The prescription of {people.DRUG_B} for {people.NAME_B} "
        "overlaps an earlier one and was not stored"
    )


def idiom_raise_default_argument():
    def reschedule(p, reason="clinic closed"):
        raise BookingError("Cannot reschedule {}: {}".format(p.name, reason))
    reschedule(people.PATIENT)


def idiom_raise_lambda_builder():
    refuse = lambda who: BookingError(f"refused: {who}")
    raise refuse(people.EMAIL_B)


def idiom_raise_conditional_pieces():
    parts = [f"Cannot send letter to {people.NAME}"]
    street = ""
    if not street:
        parts.append("(no street)")
    if people.CITY:
        parts.append("in " + people.CITY)
    raise BookingError(" ".join(parts))


class ServiceError(Exception):
    def __init__(self, message, code=500):
        super().__init__(message)
        self.code = code

    def __str__(self):
        return f"[{self.code}] {super().__str__()}"


def idiom_raise_str_with_code():
    raise ServiceError(f"insurer did not answer for policy {people.POLICY}", code=503)


class NoSuchUser(LookupError):
    """Raised when a user name is unknown."""


def idiom_raise_value_only():
    raise NoSuchUser(people.USERNAME)


def _http_404(kind, ident):
    return HTTPException(status_code=404, detail=f"{kind} {ident} does not exist")


def idiom_http_exception_helper():
    raise _http_404("Referral", people.REFERRAL)


def idiom_http_exception_helper_of_data():
    raise _http_404(people.SURNAME, people.REFERRAL)


class DataQualityWarning(UserWarning):
    def __init__(self, field, value):
        super().__init__(f"suspicious {field}: {value}")


def idiom_warn_own_class():
    warnings.warn(DataQualityWarning("weight", people.WEIGHT))


def idiom_warn_own_class_of_data():
    warnings.warn(DataQualityWarning(people.SURNAME, people.WEIGHT))


def idiom_partial_error_factory():
    error = functools.partial("scheduler: cannot move {} to {}".format, people.NAME)
    raise RuntimeError(error(people.VISIT.isoformat()))
