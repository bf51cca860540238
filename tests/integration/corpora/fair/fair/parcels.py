"""Messages built by helpers, lists, loops, catalogues."""

import contextlib
import enum
import functools
import logging
import string
import textwrap
import warnings
from dataclasses import dataclass
from gettext import gettext as _, ngettext
from typing import NamedTuple

from fair import people

log = logging.getLogger("shop.parcels")


def describe(parcel, reason):
    return f"parcel {parcel} was held back because {reason}"


def idiom_builder_as_argument():
    log.warning(describe(people.MRN, people.DRUG))


def _lines(name, phones):
    parts = [f"courier {name} has no route"]
    if phones:
        parts.append("please call")
        parts.extend(phones)
    return " ".join(parts)


def idiom_parts_extend():
    log.info(_lines(people.NAME, [people.PHONE]))


def _report(rows):
    out = "rejected addresses:"
    for r in rows:
        out += f"\n - street {r}"
    return out


def idiom_out_plus_equals():
    log.warning(_report([people.ADDRESS, people.CITY]))


def idiom_out_plus_local():
    out = "weekly totals for "
    out += people.NAME
    out += " follow"
    log.info(out)


class AppError(Exception):
    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


class NotFound(AppError):
    def __init__(self, what, ident):
        super().__init__(f"{what} {ident} does not exist", code=404)


class ParcelNotFound(NotFound):
    def __init__(self, ident):
        super().__init__("parcel", ident)


def idiom_two_levels_super():
    raise ParcelNotFound(people.MRN)


class DepotError(AppError):
    prefix = "depot failure"

    def __init__(self, detail):
        super().__init__(f"{self.prefix}: {detail}")


class DepotFull(DepotError):
    def __init__(self, depot, n):
        super().__init__(f"depot {depot} holds {n} parcels already")


def idiom_two_levels_fstring():
    raise DepotFull(people.CITY, people.PID)


class State(str, enum.Enum):
    LOST = "parcel lost"
    FOUND = "parcel found"


def idiom_log_str_enum_member():
    log.error(State.LOST)


def idiom_log_str_enum_value():
    log.error(State.LOST.value)


class Mood(enum.StrEnum):
    GLAD = "customer glad again"


def idiom_log_strenum():
    log.info(Mood.GLAD)


GREETING = string.Template("Parcel $parcel goes to $who today")


def idiom_string_template_module():
    log.info(GREETING.substitute(parcel=people.MRN, who=people.NAME))


def idiom_string_template_safe_mapping():
    log.info(GREETING.safe_substitute({"parcel": people.MRN, "who": people.NAME}))


def idiom_percent_dict():
    log.warning("driver %(who)s missed stop %(stop)s" % {"who": people.NAME, "stop": people.ADDRESS})


STOP_MESSAGE = "stop %(stop)s skipped for %(who)s"


def idiom_percent_dict_constant():
    data = {"who": people.NAME, "stop": people.ADDRESS}
    log.warning(STOP_MESSAGE % data)


def idiom_dedent():
    text = textwrap.dedent(f"""
        Dear {people.NAME},
        your parcel is here.
    """).strip()
    log.info(text)


def idiom_capitalize_literal():
    log.error("customs refused parcel".capitalize())


def idiom_upper_fstring():
    log.error("customs refused {}".upper().format(people.MRN))


def idiom_join_generator_of_literals():
    log.error(", ".join(x for x in ("wrong size", "wrong weight")))


def idiom_join_tuple_constant():
    problems = ["wrong size", "wrong weight"]
    log.error("; ".join(problems))


def idiom_walrus():
    if msg := f"no van for {people.NAME}":
        log.error(msg)


def idiom_match_assigned():
    match people.PID:
        case 0:
            msg = "van empty"
        case _:
            msg = f"van full at {people.CITY}"
    log.error(msg)


warn = functools.partial(log.log, logging.WARNING)


def idiom_partial_logger():
    warn("tyre flat on van of %s", people.NAME)


def idiom_partial_logger_fstring():
    warn(f"tyre flat on van of {people.NAME}")


class Tagged(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        return f"tour {self.extra['tour']} says {msg}", kwargs


def idiom_adapter_words():
    Tagged(log, {"tour": people.MRN}).warning("brakes worn on %s", people.CITY)


def idiom_adapter_words_fstring():
    Tagged(log, {"tour": people.MRN}).warning(f"brakes worn on {people.CITY}")


def idiom_warn_fstring():
    warnings.warn(f"fuel card of {people.NAME} expires", stacklevel=2)


class FuelWarning(UserWarning):
    pass


def idiom_warn_category():
    warnings.warn("fuel card lost by {}".format(people.NAME), FuelWarning)


def idiom_warn_instance():
    warnings.warn(FuelWarning(f"fuel low near {people.CITY}"))


def idiom_warn_helper():
    def deprecate(what):
        warnings.warn(f"old tariff for {what}", DeprecationWarning, stacklevel=3)

    deprecate(people.NAME)


def idiom_raise_from():
    try:
        float(people.NAME)
    except ValueError as exc:
        raise RuntimeError(f"cannot weigh parcel {people.MRN}") from exc


def idiom_add_note():
    try:
        raise ValueError("van broken")
    except ValueError as exc:
        exc.add_note(f"while loading the van for {people.NAME}")
        raise


def idiom_add_note_percent():
    try:
        raise ValueError("van broken")
    except ValueError as exc:
        exc.add_note("while loading %s into two vans" % people.NAME)
        raise


def idiom_group():
    raise ExceptionGroup(
        "several tours failed", [ValueError(f"tour {people.MRN} late"), TypeError("no tour")]
    )


def idiom_group_fstring():
    raise ExceptionGroup(f"tours of {people.NAME} failed", [ValueError(f"tour {people.MRN} late")])


@dataclass
class LateError(Exception):
    who: str
    minutes: int

    def __str__(self):
        return f"{self.who} is late by {self.minutes} minutes"


def idiom_dataclass_error():
    raise LateError(people.NAME, 30)


@dataclass
class ToldError(Exception):
    message: str
    who: str = ""

    def __str__(self):
        return self.message


def idiom_dataclass_error_message():
    raise ToldError(message=f"driver left without {people.DRUG}", who=people.NAME)


@contextlib.contextmanager
def step(name):
    try:
        yield
    except Exception as exc:
        log.error("step %s failed: %s", name, exc)
        raise


def idiom_contextmanager_step():
    with contextlib.suppress(ValueError), step("loading"):
        raise ValueError(f"ramp of {people.NAME} jammed")


@contextlib.contextmanager
def wrap_errors(what):
    try:
        yield
    except KeyError as exc:
        raise LookupError(f"{what} is incomplete: missing {exc}") from exc


def idiom_contextmanager_wrap():
    with wrap_errors("waybill"):
        {}[people.NAME]


def idiom_gettext_percent():
    raise LookupError(_("Could not find parcel %(parcel)s") % {"parcel": people.MRN})


def idiom_gettext_format():
    log.error(_("Could not find van {van}").format(van=people.MRN))


def idiom_ngettext():
    n = 1
    log.error(ngettext("%d parcel is missing", "%d parcels are missing", n) % n)


class Issue(NamedTuple):
    line: int
    text: str

    def render(self):
        return f"line {self.line}: {self.text}"


def idiom_namedtuple_method():
    log.error(Issue(3, f"bad postcode {people.CITY}").render())


@dataclass
class Result:
    ok: bool
    message: str


def check(name):
    if not name:
        return Result(True, "fine")
    return Result(False, f"no signature of {name}")


def idiom_result_message():
    r = check(people.NAME)
    if not r.ok:
        raise ValueError(r.message)


def validate(n):
    if len(n) > 3:
        return f"{n} is too long a name"


def idiom_validator_optional_return():
    if err := validate(people.NAME):
        raise ValueError(err)


def validators():
    return [validate]


def idiom_validator_list():
    errors = [e for v in validators() if (e := v(people.NAME))]
    raise ValueError("; ".join(errors))


def idiom_yield_problems():
    def problems():
        if people.ADDRESS:
            yield f"address {people.ADDRESS} has no street"
        yield "no postcode"

    for p in problems():
        log.warning(p)


def idiom_errors_list_append():
    errors = []
    if people.NAME:
        errors.append("no name")
    if people.PHONE:
        errors.append(f"no phone {people.PHONE}")
    if errors:
        raise ValueError("problems: " + "; ".join(errors))


def idiom_errors_loop_append():
    errors = []
    for i, r in enumerate([people.NAME, people.PHONE]):
        errors.append(f"row {i} has bad iban {r}")
    raise ValueError(f"failed rows: {', '.join(errors)}")


class Reply:
    def __init__(self, text):
        self.text = text

    def __str__(self):
        return f"reply was {self.text}"


def idiom_object_str():
    log.error("courier api: %s", Reply(people.NAME))


def idiom_type_name():
    try:
        {}[people.NAME]
    except Exception as exc:
        log.error(f"{type(exc).__name__} in tour {people.MRN}")


def idiom_type_name_args():
    try:
        {}[people.NAME]
    except Exception as exc:
        log.error("%s in tour %s", type(exc).__name__, people.MRN)


class Loader:
    def run(self):
        log.info(f"{self.__class__.__name__} started for {people.NAME}")

    def run2(self):
        raise RuntimeError(f"{type(self).__name__}.run2 refused {people.NAME}")


def idiom_self_class_name():
    Loader().run()


def idiom_type_self_name():
    Loader().run2()
