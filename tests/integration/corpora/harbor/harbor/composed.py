# ruff: noqa
"""Texts that are composed."""

from .ground import *

# 1 composition, other shapes
@case(("body", "guest %s of ward %s left early"))
def d1(): guest.warn()
@case(("body", "discharge of {guest}: transport={…}, ward={guest.ward}"))
def d2(): log.info("discharge of {0!s}: transport={2}, ward={1.ward}".format(guest, guest, bool(guest)))
@case(("exc", "wrong ward {ward} — expected one of {…}"))
def d3():
    ward = guest.ward
    raise ValueError("wrong ward " + ward + " \u2014 expected one of " + ", ".join(map(repr, [1, 2])))
@case(("body", "Subject: appointment\nDear {guest.name}, your bed is ready"))
def d4():
    body = textwrap.dedent(f"""\
        Subject: appointment
        Dear {guest.name}, your bed is ready""")
    log.info(body)
@case(("body", "ratio of occupied beds is {…}"))
def d5(): log.info(f"ratio of occupied beds is {3 / 7:.1%}")
@case(("body", "first {n} of them, then others"))
def d6():
    if (n := len(VALUE)) > 2: log.info(f"first {n} of them, then others")
@case(("body~", "bed "))
def d7():
    for n, bed in enumerate([VALUE, OTHER]): log.info("bed %d is now for %s" % (n, bed))
@case(("exc", "upload failed: status {r[…]}")) if False else case(("exc~", "upload failed: status "))
def d8():
    r = {"status": VALUE}
    raise RuntimeError(f"upload failed: status {r['status']}")
@case(("body", "a braces {{}} text of {guest.name}")) if False else case(("body~", "literal braces "))
def d9(): log.info(f"literal braces {{}} around {guest.name}")
@case(("sentry", "ward {guest.ward} reports nothing"))
def d10():
    text = "ward {} reports nothing"
    sentry_sdk.capture_message(text.format(guest.ward))
@case(("span", "rename to {guest.name}"))
def d11():
    with tracer.start_as_current_span("x") as s: s.update_name("rename to %s" % guest.name)
@case(("event", "tea was served"))
def d12():
    with tracer.start_as_current_span("y") as s: s.add_event("tea was served", {"who": VALUE})
@case(("exc", "recorded by hand for {guest.name}"))
def d13():
    with tracer.start_as_current_span("z") as s: s.record_exception(ValueError(f"recorded by hand for {guest.name}"))
