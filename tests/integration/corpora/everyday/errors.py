# ruff: noqa
"""Everyday idioms: exceptions."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("root cause was {patient}")
def case_133():
    try:
        raise KeyError(f"root cause was {patient}")
    except KeyError as exc:
        raise RuntimeError("higher up") from exc


@idiom("raised from none about {patient}")
def case_134():
    try:
        int(patient)
    except ValueError:
        raise ValueError(f"raised from none about {patient}") from None


@idiom("appointments of {subject} overlap")
def case_135():
    raise Overlap(patient)


class SlotError(Exception):
    def __init__(self, slot, reason):
        self.slot, self.reason = slot, reason
        message = f"slot error {slot} because {reason}"
        super().__init__(message)


@idiom("slot error {slot} because {reason}")
def case_136():
    raise SlotError(patient, email)


class NotFound(Exception):
    entity = "thing"

    def __init__(self, key):
        super().__init__(f"{self.entity} was not found under {key}")


class InvoiceNotFound(NotFound):
    entity = "invoice"


@idiom("invoice was not found under {key}")
def case_137():
    raise InvoiceNotFound(patient)


class Messaged(Exception):
    def __init__(self, message="message by default here", *, code=None):
        self.message = message
        self.code = code

    def __str__(self):
        return self.message


@idiom("message by default here")
def case_138():
    raise Messaged()


@idiom("message by hand for {patient}")
def case_139():
    raise Messaged(f"message by hand for {patient}", code=email)


class WithCode(Exception):
    def __init__(self, code, detail):
        super().__init__(code, detail)


@idiom("detail beside a code")
def case_140():
    raise WithCode("E17", "detail beside a code")


@dataclass
class Refused(Exception):
    who: str
    why: str = "refused for no reason given"

    def __str__(self):
        return f"{self.why} ({self.who})"


@idiom("refused for no reason given")
def case_141():
    raise Refused(patient)


@dataclass(slots=True)
class Plain(Exception):
    message: str
    who: str


@idiom("plain dataclass error text")
def case_142():
    raise Plain("plain dataclass error text", patient)


class Property(Exception):
    def __init__(self, who):
        self.who = who

    @property
    def message(self):
        return f"property message about {self.who}"

    def __str__(self):
        return self.message


@idiom("property message about {self.who}")
def case_143():
    raise Property(patient)


class Factory(Exception):
    @classmethod
    def for_client(cls, who):
        return cls(f"factory error about {who}")


@idiom("factory error about {who}")
def case_144():
    raise Factory.for_client(patient)


def make_error(who):
    return LookupError(f"error made by a function for {who}")


@idiom("error made by a function for {who}")
def case_145():
    raise make_error(patient)


@idiom("reraised as it was {patient}")
def case_146():
    try:
        raise ValueError(f"reraised as it was {patient}")
    except ValueError:
        raise


@idiom("note added later about {patient}")
def case_147():
    try:
        raise ValueError("noted")
    except ValueError as exc:
        exc.add_note(f"note added later about {patient}")
        raise


@idiom("several went wrong at once")
def case_148():
    raise ExceptionGroup("several went wrong at once", [ValueError(patient), KeyError(email)])


@idiom("assertion about the state of {…}")
def case_149():
    assert len(rows) == 3, f"assertion about the state of {len(rows)}"


@idiom("abstract method is missing here")
def case_150():
    class Base:
        def run(self):
            raise NotImplementedError("abstract method is missing here")

    Base().run()


@idiom("Base must implement run()")
def case_151():
    class Base:
        def run(self):
            raise NotImplementedError(f"{type(self).__name__} must implement run()")

    Base().run()


@idiom("suppressed but logged invalid literal for int() with base 10: {…}")
def case_152():
    for row in rows:
        try:
            int(row)
        except ValueError as exc:
            logger.warning(f"suppressed but logged {exc}")
            continue


@idiom("errors collected: {")
def case_153():
    errors = {}
    for row in rows:
        errors[row] = "bad"
    raise ValueError(f"errors collected: {errors}" if errors is None else f"errors collected: {len(errors)}")


@idiom("warned of old use")
def case_154():
    warnings.warn("warned of old use", DeprecationWarning, stacklevel=2)


@idiom("runtime warning for {patient}")
def case_155():
    warnings.warn(f"runtime warning for {patient}", RuntimeWarning)


class OldApi(UserWarning):
    pass


@idiom("own warning class about {…}")
def case_156():
    warnings.warn("own warning class about {}".format(len(rows)), OldApi)
