# ruff: noqa
"""Everyday idioms: nested helpers, closures, lambdas, comprehensions, generators."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("nested helper made {x} up")
def case_23():
    def message(x):
        return f"nested helper made {x} up"

    logger.info(message(patient))


@idiom("nested in a nested helper {x}")
def case_24():
    def outer(x):
        def inner():
            return f"nested in a nested helper {x}"

        return inner()

    raise ValueError(outer(patient))


@idiom("lambda made this of {x}")
def case_25():
    message = lambda x: f"lambda made this of {x}"
    logger.info(message(patient))


@idiom("closure over {prefix} and {patient}")
def case_26():
    prefix = email

    def say():
        logger.info(f"closure over {prefix} and {patient}")

    say()


@idiom("closed over text of the outer")
def case_27():
    text = "closed over text of the outer"

    def say():
        logger.info(text)

    say()


@idiom("closed over template of {patient}")
def case_28():
    text = f"closed over template of {patient}"

    def say():
        raise ValueError(text)

    say()


@idiom("comprehension logged {row}")
def case_29():
    [logger.info(f"comprehension logged {row}") for row in rows]


@idiom("comprehension collected: row {row} is bad{…}")
def case_30():
    problems = [f"row {row} is bad" for row in rows]
    raise ValueError(f"comprehension collected: {'; '.join(problems)}")


@idiom("generator produced {row}")
def case_31():
    def lines():
        for row in rows:
            yield f"generator produced {row}"

    for line in lines():
        logger.info(line)


@idiom("generator picked the second of three", chosen=True)
def case_31b():
    def lines():
        for index, _ in enumerate(rows):
            if index == 0:
                yield "generator picked the first of three"
            elif index == 1:
                yield "generator picked the second of three"
            else:
                yield "generator picked the third of three"

    for line in lines():
        logger.info(line)


@idiom("generator stopped at {row}")
def case_32():
    def lines():
        for row in rows:
            raise ValueError(f"generator stopped at {row}")
            yield row

    list(lines())


@idiom("sorted by a bad key {x}")
def case_33():
    def key(x):
        raise KeyError(f"sorted by a bad key {x}")

    sorted(rows, key=key)


@idiom("helper of the module says {who}")
def case_34():
    logger.info(say_of(patient))


def say_of(who):
    return f"helper of the module says {who}"


@idiom("described elsewhere as {who}")
def case_35():
    raise LookupError(describe_client(patient))


@idiom("two returns, busy with {who}")
def case_36():
    logger.info(busy_or_not(patient))


def busy_or_not(who):
    if who:
        return f"two returns, busy with {who}"
    return "two returns, nobody here"


@idiom("labelled user {self.name}")
def case_37():
    logger.info(user.label())


@idiom("titled user {self.name}")
def case_38():
    raise ValueError(user.title)


@idiom("greeting goes to {who}")
def case_39():
    logger.info(User.greeting(patient))


@idiom("headline about {who}")
def case_40():
    logger.info(user.headline(patient))


@idiom("user known as {self.name}")
def case_41():
    logger.info(str(user))


@idiom("user {user} was blocked")
def case_42():
    logger.info(f"user {user} was blocked")


@idiom("retrying {…} more times")
def case_43():
    def retry(times):
        logger.warning("retrying {} more times".format(times - 1))

    retry(3)


@idiom("decorator caught a failure in {function.__name__}")
def case_44():
    def safe(function):
        @functools.wraps(function)
        def wrapper(*args):
            try:
                return function(*args)
            except Exception:
                logger.exception(f"decorator caught a failure in {function.__name__!r}")

        return wrapper

    @safe
    def work(who):
        raise ValueError(who)

    work(patient)


@idiom("cached property failed for {self.who}")
def case_45():
    class Lazy:
        who = patient

        @functools.cached_property
        def value(self):
            raise RuntimeError(f"cached property failed for {self.who}")

    Lazy().value
