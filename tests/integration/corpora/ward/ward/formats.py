"""How values sit in the text: quotes, units, padding, dumps, no spaces."""
import json
import logging
import pprint
import shlex
import textwrap
import urllib.parse
import uuid
import warnings
from datetime import timedelta

import sqlalchemy as sa
from opentelemetry import trace

from ward import people

log = logging.getLogger("formats")
tracer = trace.get_tracer("formats")


def idiom_fmt_single_quotes():
    log.info("Renamed folder '%s' to '%s'", people.NAME, people.NAME_B)


def idiom_fmt_double_quotes():
    log.info(f'Label "{people.DIAGNOSIS}" is too long for the printer')


def idiom_fmt_angle_brackets():
    raise LookupError(f"No mailbox <{people.EMAIL}> on this host")


def idiom_fmt_backticks():
    raise LookupError("unknown column `" + people.SURNAME + "`")


def idiom_fmt_key_equals():
    log.info("Closed case (id=%s, owner=%s)", people.REFERRAL, people.USERNAME)


def idiom_fmt_colon_joined():
    log.info(f"user:{people.USERNAME}:logout")


def idiom_fmt_url_quoted():
    log.info("GET /search?q=%s", urllib.parse.quote(people.NAME))


def idiom_fmt_urlencode():
    log.info("callback https://pay.example/done?" + urllib.parse.urlencode({"phone": people.PHONE}))


def idiom_fmt_json_dump():
    log.debug("outgoing webhook %s", json.dumps({"name": people.NAME_B, "diagnosis": people.DIAGNOSIS_B}))


def idiom_fmt_json_indent():
    log.debug("config for tenant\n" + json.dumps({"owner": people.EMAIL, "plan": "pro"}, indent=2))


def idiom_fmt_pprint():
    log.debug("Parsed form\n%s", pprint.pformat({"nin": people.NIN, "name": people.NAME}))


def idiom_fmt_list_repr():
    log.error(f"recipients={[people.EMAIL, people.EMAIL_B]} unreachable")


def idiom_fmt_sorted_set():
    extra = {people.USERNAME, people.REFERRAL} - {"name"}
    log.warning("Unknown columns in upload: %s", ", ".join(sorted(extra)))


def idiom_fmt_bytes_repr():
    log.debug("Received frame %r", people.MRN.encode())


def idiom_fmt_hl7_segment():
    segment = "|".join(["PID", people.MRN, people.NAME]).encode()
    log.warning("HL7 segment %s dropped", segment.decode("utf-8"))


def idiom_fmt_zero_padded():
    raise ValueError(f"invoice number {people.PID:010d} has wrong check digit")


def idiom_fmt_percent_d():
    raise LookupError("patient no. %d does not exist in tenant" % people.PID)


def idiom_fmt_percent_float():
    log.warning("glucose %.1f mmol/l for %s above range", people.LAB, people.MRN)


def idiom_fmt_aligned():
    log.info("total {:>12} NOK".format(people.AMOUNT))


def idiom_fmt_percent_value():
    log.info(f"wound closed by {people.LAB / 10:.0%} for {people.NAME}")


def idiom_fmt_strftime():
    log.info("Next dose on " + people.VISIT.strftime("%A %d %B") + " at clinic")


def idiom_fmt_isoformat_arith():
    later = people.VISIT + timedelta(days=14)
    log.info("follow-up moved to %s", later.isoformat())


def idiom_fmt_conversion_s():
    raise RuntimeError("cannot discharge {!s} before {!s}".format(people.PATIENT, people.VISIT))


def idiom_fmt_conversion_ascii():
    raise ValueError(f"non-latin name {people.NAME_C!a}")


def idiom_fmt_index_format():
    raise ValueError("first bad cell: {0[age]!r}".format(people.ROW))


def idiom_fmt_attribute_format():
    raise ValueError("owes money: {0.name} {0.balance}".format(people.PATIENT))


def idiom_fmt_lowercased():
    raise LookupError("no account %s" % people.NAME.lower())


def idiom_fmt_initials():
    initials = "".join(w[0] + "." for w in people.NAME.split())
    raise ValueError(f"signature of {initials} missing")


def idiom_fmt_shortened():
    raise ValueError("Note too long: " + textwrap.shorten(people.NOTE, 20, placeholder="…"))


def idiom_fmt_slice():
    raise ValueError(f"bad prefix in {people.IBAN[:6]}")


def idiom_fmt_partition():
    raise ValueError(f"domain of mailbox {people.EMAIL.partition('@')[2]} not allowed")


def idiom_fmt_replaced():
    log.info("dialling " + people.PHONE.replace(" ", ""))


def idiom_fmt_shell_command():
    cmd = ["convert", "--owner", people.NAME, "in.png"]
    log.debug("$ %s", shlex.join(cmd))


def idiom_fmt_uuid5():
    log.info("pseudonym of %s is %s", people.NIN, uuid.uuid5(uuid.NAMESPACE_OID, people.NIN))


def idiom_fmt_path():
    log.info(f"Writing /srv/exports/{people.SURNAME}/{people.MRN}/report.pdf")


def idiom_fmt_sql_string_logged():
    sql = f"UPDATE patient SET phone = '{people.PHONE_B}' WHERE mrn = '{people.MRN_B}'"
    log.debug("executing: " + sql)


def idiom_fmt_sql_compiled_literal():
    t = sa.table("patient", sa.column("name"))
    stmt = sa.select(t.c.name).where(t.c.name == people.NAME)
    log.debug("%s", stmt.compile(compile_kwargs={"literal_binds": True}))


def idiom_fmt_headers():
    log.debug("request headers: %s", {"Accept": "*/*", "X-User": people.USERNAME})


def idiom_fmt_arrow_symbol():
    log.info(f"✅ Sync: {people.MRN} → {people.CITY} (3 labs)")


def idiom_fmt_norwegian_text():
    log.warning("Fant ikke pasient %s på avdeling %s", people.NAME, people.WARD)


def idiom_fmt_german_text():
    raise RuntimeError(f"Überweisung an {people.IBAN} fehlgeschlagen")


def idiom_fmt_capitals():
    log.warning(f"[WARN] DUPLICATE PATIENT: {people.NAME.upper()} !!!")


def idiom_fmt_adjacent_values():
    log.info(f"ward/room {people.WARD}{people.ROOM}")


def idiom_fmt_three_values():
    log.info('%s said "%s" to %s', people.NAME_B, people.NOTE, people.THERAPIST)


def idiom_fmt_only_values():
    log.info("%s %s", people.NAME, people.MRN)


def idiom_fmt_object_as_message():
    log.info(people.PATIENT)


def idiom_fmt_exception_as_message():
    try:
        raise RuntimeError(f"no stock of {people.DRUG}")
    except RuntimeError as e:
        log.error(e)


def idiom_fmt_exception_repr():
    try:
        raise ValueError(f"no such dose {people.DRUG}")
    except ValueError as e:
        log.error(f"Unhandled: {e!r}")


def idiom_fmt_traceback_text():
    import traceback
    try:
        raise RuntimeError("cannot fax " + people.PHONE)
    except RuntimeError:
        log.error("job died\n%s", traceback.format_exc())


def idiom_fmt_table_row():
    log.info(f"| name {people.NAME:<24} | {people.PHONE:>18} |")


def idiom_fmt_multiline_value():
    body = people.NAME + "\n" + people.NOTE
    log.info("Note saved:\n%s", textwrap.indent(body, "> "))


def idiom_fmt_warning_percent():
    warnings.warn("price list has no entry for %s" % people.DRUG_B, stacklevel=2)


def idiom_fmt_span_colon():
    with tracer.start_as_current_span(f"task:recall:{people.MRN}"):
        pass


def idiom_fmt_event_json():
    with tracer.start_as_current_span("send") as span:
        span.add_event("payload " + json.dumps({"email": people.EMAIL}))


def idiom_fmt_status_format():
    with tracer.start_as_current_span("login") as span:
        span.set_status(trace.Status(trace.StatusCode.ERROR, "upstream said {} for {}".format(403, people.USERNAME)))
