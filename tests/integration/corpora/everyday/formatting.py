# ruff: noqa
"""Everyday idioms: formatting."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("mapping format of %(who)s seen")
def case_73():
    logger.info("mapping format of %(who)s seen", {"who": patient})


@idiom("mapping formatted {patient} here")
def case_74():
    logger.info("mapping formatted %(who)s here" % {"who": patient})


@idiom("mapping by name {who} here")
def case_75():
    context = {"who": patient, "n": 3}
    raise ValueError("mapping by name %(who)s here" % context)


@idiom("format map of {who} here")
def case_76():
    context = {"who": patient}
    raise ValueError("format map of {who} here".format_map(context))


@idiom("format star of {who} here")
def case_77():
    context = {"who": patient}
    logger.info("format star of {who} here".format(**context))


@idiom("format of {user.address.street} deep")
def case_78():
    logger.info("format of {0.address.street} deep".format(user))


@idiom("format item {…} of them")
def case_79():
    logger.info("format item {[0]} of them".format(rows))


@idiom("template string about {patient}")
def case_80():
    logger.info(string.Template("template string about ${who}").substitute(who=patient))


@idiom("dollar template about {patient}")
def case_81():
    template = string.Template("dollar template about $who")
    raise ValueError(template.safe_substitute(who=patient))


@idiom("joined by commas: {…}")
def case_82():
    logger.info("joined by commas: " + ", ".join(rows))


@idiom("first joined line")
def case_83():
    logger.info("\n".join(["first joined line", f"second joined line {patient}"]))


@idiom("joined of words {patient}")
def case_84():
    logger.info(" ".join(("joined", "of", "words", patient)))


@idiom("joined of three: {…}")
def case_85():
    logger.info(f"joined of three: {', '.join(f'{x!r}' for x in rows)}")


@idiom("lines gathered in a list")
def case_86():
    lines = []
    lines.append("lines gathered in a list")
    lines.append(f"and then {patient}")
    logger.info("\n".join(lines))


@idiom("dedented paragraph about")
def case_87():
    logger.info(
        textwrap.dedent(
            f"""
            dedented paragraph about {patient}
            which goes on
            """
        ).strip()
    )


@idiom("cleaned docstring said")
def case_88():
    raise ValueError(
        inspect.cleandoc(
            """
            cleaned docstring said
               a few words
            """
        )
    )


@idiom("walrus kept {patient} busy")
def case_89():
    if message := f"walrus kept {patient} busy":
        logger.info(message)


@idiom("conditional says yes")
def case_90():
    logger.info("conditional says yes" if rows else "conditional says no")


@idiom("conditional part many for {patient}")
def case_91():
    logger.info(f"conditional part {'many' if len(rows) > 1 else 'few'} for {patient}")


@idiom("or else a fallback text")
def case_92():
    note = ""
    raise ValueError(note or "or else a fallback text")


@idiom("matched two of the rows")
def case_93():
    match len(rows):
        case 1:
            text = "matched one of the rows"
        case 2:
            text = "matched two of the rows"
        case _:
            text = "matched no rows"
    raise ValueError(text)


@idiom("matched kind of {name} found")
def case_94():
    match {"kind": "x", "name": patient}:
        case {"kind": "x", "name": name}:
            logger.info(f"matched kind of {name} found")


@idiom("match returns its text")
def case_95():
    def pick(n):
        match n:
            case 2:
                return "match returns its text"
            case _:
                return "match returns another"

    logger.info(pick(len(rows)))


@idiom("chosen by a table: closed")
def case_96():
    logger.info({True: "chosen by a table: closed", False: "chosen by a table: open"}[True])


@idiom("sum of pieces {patient} and {email}")
def case_97():
    logger.info("sum of pieces " + patient + " and " + email)


@idiom("sum with a number {…} of it")
def case_98():
    logger.info("sum with a number " + str(len(rows)) + " of it")


@idiom("parenthesised long text {patient} over two lines")
def case_99():
    raise ValueError(f"parenthesised long text {patient} over two lines")


@idiom("formatted amount {amount} charged")
def case_100():
    amount = decimal.Decimal("12.50")
    logger.info(f"formatted amount {amount:.2f} charged")


@idiom("debug form patient={patient}")
def case_101():
    logger.debug(f"debug form {patient=}")


@idiom("upper-cased state: open")
def case_102():
    logger.info("Upper-cased State: OPEN".lower())


@idiom("Capitalised first letter")
def case_103():
    logger.info("capitalised first letter".capitalize())


@idiom("replaced mark of %s")
def case_104():
    logger.info("replaced mark of %s".replace("\n", " "), patient)


@idiom("added up step by step for {patient}")
def case_105():
    text = "added up step by step"
    text += f" for {patient}"
    raise ValueError(text)


@idiom("split over a ternary at {email}")
def case_106():
    where = f"at {email}" if email else "nowhere"
    logger.info(f"split over a ternary {where.strip()}")
