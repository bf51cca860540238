# ruff: noqa
"""Everyday idioms: texts kept in dictionaries, objects' lists, closures and lambdas."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("the splint of {patient} is cracked")
def kept_1():
    problems = {}
    problems["splint"] = f"the splint of {patient} is cracked"
    raise ValueError(problems["splint"])


@idiom("not fitted: the brace of {patient} is bent{…}")
def kept_2():
    problems = defaultdict(list)
    problems["brace"].append(f"the brace of {patient} is bent")
    raise ValueError("not fitted: " + "; ".join(itertools.chain.from_iterable(problems.values())))


@idiom("{key} is unfit: the crutch of {patient} is short")
def kept_3():
    found = {"crutch": f"the crutch of {patient} is short"}
    for key, text in found.items():
        logger.warning(f"{key} is unfit: {text}")


@idiom("{…}the plaster of {row} is wet{…}")
def kept_4():
    raise ValueError("\n".join(["one first line"] + [f"the plaster of {row} is wet" for row in rows]))


@idiom("a record read without its form", chosen=True)
def kept_5():
    record = {}
    record["told"] = "a record read without its form"
    record["who"] = patient
    logger.warning(", ".join(record.values()))


class Fitting:
    refused = "the cast of {} was refused".format

    def __init__(self):
        self.problems = []

    def check(self, who):
        self.problems.append(f"the strap of {who} is torn")

    def done(self):
        raise ValueError("unfitted: " + "; ".join(self.problems))

    @classmethod
    def failing(cls, error, doing):
        return RuntimeError(f"while {doing} the boot: {error}")

    def shown(self, text):
        return f"fitting room: {text}"


@idiom("unfitted: the strap of {who} is torn{…}")
def kept_6():
    fitting = Fitting()
    fitting.check(patient)
    fitting.done()


@idiom("the cast of {patient} was refused")
def kept_7():
    raise ValueError(Fitting.refused(patient))


@idiom("while lacing the boot: {error}")
def kept_8():
    raise Fitting.failing(KeyError(patient), "lacing")


@idiom("fitting room: the insole of %s is thin")
def kept_9():
    logger.warning(Fitting().shown("the insole of %s is thin"), patient)


def nightly(label):
    def decorate(function):
        @functools.wraps(function)
        def inner(*given):
            try:
                return function(*given)
            except ValueError as error:
                raise RuntimeError(f"{label} stopped short: {error}") from error

        return inner

    return decorate


@nightly("sterilising")
def sterilise(who):
    raise ValueError(f"the tray of {who} is missing")


@idiom("sterilising stopped short: the tray of {who} is missing")
def kept_10():
    sterilise(patient)


@idiom("the sling of {patient} is lost")
def kept_11():
    def search():
        return {"found": False, "error": f"the sling of {patient} is lost"}

    answer = search()
    raise LookupError(answer["error"])


class Shoe(BaseModel):
    size: int = Field(le=60)


@idiom("shoe refused: Input should be less than or equal to 60")
def kept_12():
    try:
        Shoe(size=int(os.environ["IDIOM_NUMBER"]))
    except ValidationError as error:
        raise ValueError(f"shoe refused: {error.errors()[0]['msg']}") from error


@idiom("fitting refused: the knee of {patient} is swollen")
def kept_13():
    msg = "fitting refused"
    if patient:
        msg = f"{msg}: the knee of {patient} is swollen"
    raise ValueError(msg)


@idiom("the ankle is refused: the ankle of {patient} is stiff", chosen=True)
def kept_14():
    refusal = {"knee": "the knee is refused", "ankle": "the ankle is refused"}[os.environ.get("IDIOM_PART", "ankle")]
    refusal = f"{refusal}: the ankle of {patient} is stiff"
    logger.warning(refusal)


def described(doing, error):
    return f"could not {doing}: {type(error).__name__}: {error}"


@idiom("could not lace the boot: LookupError: the lace of {patient} tore")
def kept_15():
    try:
        raise LookupError(f"the lace of {patient} tore")
    except LookupError as failed:
        logger.warning(described("lace the boot", failed))


class Fit(enum.Enum):
    LOOSE = "loose"
    TIGHT = "tight"

    @property
    def told(self):
        return {Fit.LOOSE: "the brace sits too loose", Fit.TIGHT: "the brace sits too tight"}[self]


@idiom("the brace sits too tight")
def kept_16():
    raise ValueError(Fit.TIGHT.told)


@idiom("the brace sits too loose", chosen=True)
def kept_17():
    picked = Fit(os.environ.get("IDIOM_FIT", "loose"))
    raise ValueError(picked.told)


@idiom("the visit of {patient} fell out: nobody told why")
def kept_18():
    why = os.environ.get("IDIOM_NONE") or "nobody told why"
    logger.warning(f"the visit of {patient} fell out: {why}")


@idiom("the fitter of {patient} reports: all is well")
def kept_19():
    report = "all is well" if patient else "no answer came"
    raise ValueError(f"the fitter of {patient} reports: {report}")


MAKERS = {"gauze": lambda who: f"the gauze of {who} is used up", "tape": lambda who: f"the tape of {who} is used up"}


@idiom("the gauze of {who} is used up")
def kept_20():
    raise ValueError(MAKERS["gauze"](patient))


@idiom("the swab of {who} is lost")
def kept_21():
    makers = {"swab": lambda who: f"the swab of {who} is lost"}
    logger.warning(makers["swab"](patient))
