# ruff: noqa
"""Everyday idioms: enums, constants, defaults."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("the record was changed meanwhile")
def case_46():
    raise ValueError(Code.STALE.value)


@idiom("code is {Code.GONE.value}")
def case_47():
    logger.info("code is " + Code.GONE.value)


@idiom("{Code.STALE} happened to {patient}")
def case_48():
    logger.info(f"{Code.STALE} happened to {patient}")


@idiom("{code.value}, sorry {patient}")
def case_49():
    code = Code.GONE
    logger.info(f"{code.value}, sorry {patient}")


class Phase(enum.StrEnum):
    INTAKE = "intake is under way"
    DISCHARGE = enum.auto()


@idiom("intake is under way")
def case_50():
    logger.info(Phase.INTAKE)


@idiom("phase {…} for {patient}")
def case_51():
    logger.info(f"phase {Phase.DISCHARGE.upper()} for {patient}")


def explain(code: Code) -> str:
    return {Code.STALE: "explained as stale data", Code.GONE: "explained as archived"}[code]


class Channel(enum.Enum):
    SMS = ("sms", "text message went out")
    MAIL = ("mail", "letter went out")

    def __init__(self, slug, text):
        self.slug, self.text = slug, text


@idiom("text message went out")
def case_52():
    logger.info(Channel.SMS.text)


@idiom("booking has been closed for today")
def case_53():
    raise HTTPException(409, BOOKING_CLOSED)


@idiom("no room is free at that time")
def case_54():
    logger.error(msgs.Texts.NO_ROOM)


@idiom("the invoice is still unpaid")
def case_55():
    raise PermissionError(Texts.Billing.UNPAID)


@idiom("too many reminders in one hour")
def case_56():
    logger.warning(ERRORS["E_LIMIT"])


@idiom("reminders are switched off")
def case_57():
    raise RuntimeError(everyday_texts.ERRORS.get("E_OFF", "unknown error"))


@idiom("validate the incoming form")
def case_58():
    with tracer.start_as_current_span(STEPS[0]):
        pass


@idiom("welcome back to the waiting list, %s")
def case_59():
    logger.info(WELCOME_BACK, patient)


@idiom("welcome back to the waiting list, {patient}")
def case_60():
    raise ValueError(WELCOME_BACK % patient)


@idiom("monthly quota of {patient} used up")
def case_61():
    raise ValueError(QUOTA.format(plan=patient))


@idiom("the payment is long overdue")
def case_62():
    logger.info(OVERDUE.text)


@idiom("a notice without its own words")
def case_63():
    logger.info(Notice("empty").text)


@idiom("a notice in the field itself")
def case_64():
    notice = Notice("own", "a notice in the field itself")
    logger.info(notice.text)


@dataclass
class Rule:
    name: str
    message: str = "rule broken, no details"
    hint: ClassVar[str] = "hint of a rule class"


@idiom("rule broken, no details")
def case_65():
    rule = Rule(patient)
    raise ValueError(rule.message)


@idiom("hint of a rule class")
def case_66():
    logger.info(Rule.hint)


@idiom("rule says the age is wrong")
def case_67():
    rule = Rule(patient, message="rule says the age is wrong")
    raise ValueError(rule.message)


RULES = [Rule("a", "listed rule number one failed"), Rule("b", "listed rule number two failed")]


@idiom("listed rule number one failed")
def case_68():
    logger.error(RULES[0].message)


_PREFIX = "[billing]"


@idiom("{_PREFIX} charge refused for {patient}")
def case_69():
    logger.error(f"{_PREFIX} charge refused for {patient}")


@idiom("sms gateway down, {…} waiting")
def case_70():
    CHANNEL = "sms"
    logger.error(CHANNEL + f" gateway down, {len(rows)} waiting")


def notify(who, text="default notice goes out to {}"):
    logger.info(text.format(who))


@idiom("default notice goes out to {who}")
def case_71():
    notify(patient)


def keyword_only(*, reason="left without a reason"):
    raise ValueError(reason)


@idiom("left without a reason")
def case_72():
    keyword_only()
