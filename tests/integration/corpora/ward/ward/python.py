"""Errors that Python and its standard library raise with data in them."""
import argparse
import ast
import asyncio
import configparser
import csv
import enum
import fractions
import graphlib
import http.client
import importlib
import io
import ipaddress
import json
import logging
import os
import pathlib
import shutil
import smtplib
import sqlite3
import string
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
import zipfile
import zoneinfo
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from email.message import EmailMessage

from ward import people

logger = logging.getLogger("jobs")


def idiom_py_int():
    return int(people.ROW["age"])


def idiom_py_float():
    return float(people.PHONE)


def idiom_py_key_error():
    beds = {people.NAME_B: people.ROOM}
    return beds[people.NAME]


def idiom_py_dict_del():
    cache = {}
    del cache[people.MRN]


def idiom_py_set_remove():
    subscribers = set()
    subscribers.remove(people.EMAIL)


def idiom_py_strptime():
    return datetime.strptime(people.DOB_TEXT, "%Y-%m-%d")


def idiom_py_strptime_unconverted():
    return datetime.strptime(str(people.VISIT), "%Y-%m-%d")


def idiom_py_date_fromisoformat():
    return date.fromisoformat(people.DOB_TEXT)


def idiom_py_datetime_fromisoformat():
    return datetime.fromisoformat(people.NOTE)


class Severity(enum.Enum):
    MILD = "mild"
    SEVERE = "severe"


def idiom_py_enum_value():
    return Severity(people.DIAGNOSIS)


def idiom_py_enum_name():
    return Severity[people.DIAGNOSIS_B]


class Shift(enum.IntEnum):
    DAY = 1


def idiom_py_int_enum():
    return Shift(people.PID)


def idiom_py_open_missing():
    with open("/nowhere/scans/" + people.SCAN) as fh:
        return fh.read()


def idiom_py_path_read_text():
    return (pathlib.Path("/nowhere/home") / people.USERNAME / "consent.txt").read_text()


def idiom_py_path_relative_to():
    return pathlib.PurePosixPath("/data", people.SURNAME).relative_to("/export")


def idiom_py_path_with_suffix():
    return pathlib.PurePosixPath("letter.pdf").with_suffix(people.NAME_C)


def idiom_py_mkdir_exists():
    with tempfile.TemporaryDirectory() as tmp:
        p = pathlib.Path(tmp) / people.MRN
        p.mkdir()
        p.mkdir()


def idiom_py_rename_two_names():
    os.rename("/nowhere/" + people.SCAN, "/nowhere/" + people.REFERRAL)


def idiom_py_listdir():
    return os.listdir(os.path.join("/nowhere", people.WARD))


def idiom_py_copy_same_file():
    with tempfile.TemporaryDirectory() as tmp:
        src = pathlib.Path(tmp, people.MRN + ".pdf")
        src.write_text("")
        shutil.copyfile(src, src)


def idiom_py_zip_member():
    buf = io.BytesIO()
    with zipfile.ZipFile(buf, "w") as zf:
        zf.writestr("index.txt", "")
    with zipfile.ZipFile(buf) as zf:
        return zf.read(people.SCAN)


def idiom_py_ascii_encode():
    return people.NAME_C.encode("ascii")


def idiom_py_getattr():
    return getattr(people.PATIENT, people.USERNAME)


@dataclass
class Reminder:
    phone: str


def idiom_py_unexpected_keyword():
    return Reminder(**{"phone": people.PHONE, people.DRUG_B: 1})


Slot = namedtuple("Slot", "room time")


def idiom_py_namedtuple_replace():
    return Slot(1, 2)._replace(**{people.THERAPIST: 3})


def idiom_py_format_missing_key():
    return ("Dear {" + people.POLICY + "}").format(name="")


def idiom_py_string_template_missing():
    return string.Template("$" + people.USERNAME).substitute({})


def idiom_py_ip_address():
    return ipaddress.ip_address(people.PHONE_B)


def idiom_py_ip_network():
    return ipaddress.ip_network(people.IP + "/24")


def idiom_py_zoneinfo():
    return zoneinfo.ZoneInfo("Europe/" + people.CITY)


def idiom_py_fraction():
    return fractions.Fraction(people.DRUG)


def idiom_py_format_spec():
    return format(3.5, people.INVOICE)


def idiom_py_import_plugin():
    return importlib.import_module("clinic_plugins_" + people.USERNAME)


def idiom_py_rule_eval():
    return eval(people.SURNAME + " > 3", {})


def idiom_py_config_no_section():
    cfg = configparser.ConfigParser()
    return cfg.get(people.EMAIL, "language")


def idiom_py_config_no_option():
    cfg = configparser.ConfigParser()
    cfg.read_string("[users]\n")
    return cfg.get("users", people.USERNAME)


def idiom_py_config_boolean():
    cfg = configparser.ConfigParser()
    cfg.read_dict({"flags": {"notify": people.ALLERGY}})
    return cfg.getboolean("flags", "notify")


def idiom_py_argparse_type():
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--patient-id", type=int)
    parser.parse_args(["--patient-id", people.MRN])


def idiom_py_argparse_choice():
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("ward", choices=["north", "south"])
    parser.parse_args([people.WARD])


def idiom_py_argparse_type_error():
    def iso(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"not a date: {text!r}")
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("dob", type=iso)
    parser.parse_args([people.DOB_TEXT])


def idiom_py_csv_dict_writer():
    w = csv.DictWriter(io.StringIO(), fieldnames=["name"])
    w.writerow({"name": people.NAME, people.DIAG_CODE: 1})


def idiom_py_url_port():
    return urllib.parse.urlsplit("https://lab.example:" + people.ROOM + "/x").port


def idiom_py_urlopen_unknown():
    return urllib.request.urlopen(people.SCAN)


def idiom_py_http_client_url():
    conn = http.client.HTTPConnection("127.0.0.1", 9)
    conn.putrequest("GET", "/patients/" + people.NAME)


def idiom_py_http_client_port():
    return http.client.HTTPConnection("lab.example:" + people.ROOM)


def idiom_py_smtp_recipients_refused():
    raise smtplib.SMTPRecipientsRefused({people.EMAIL_B: (550, b"no such mailbox")})


def idiom_py_subprocess_check():
    subprocess.run([sys.executable, "-c", "import sys; sys.exit(3)", people.SCAN], check=True)


def idiom_py_subprocess_timeout():
    subprocess.run([sys.executable, "-c", "import time; time.sleep(5)", people.MRN], timeout=0.05)


def idiom_py_subprocess_missing():
    subprocess.run(["/usr/local/none/" + people.USERNAME])


def idiom_py_literal_eval_note():
    try:
        ast.literal_eval(people.SURNAME)
    except ValueError as exc:
        raise ValueError(f"bad settings value {people.SURNAME}: {exc}") from exc


def idiom_py_sqlite_unquoted_value():
    con = sqlite3.connect(":memory:")
    con.execute("create table patient (name text)")
    con.execute("select * from patient where name = " + people.SURNAME)


def idiom_py_sqlite_syntax():
    con = sqlite3.connect(":memory:")
    con.execute("create table patient (name text)")
    con.execute(f"select * from patient where name = '' {people.NAME}")


def idiom_py_sqlite_table():
    sqlite3.connect(":memory:").execute(f"select 1 from {people.USERNAME}")


def idiom_py_sqlite_open_quote():
    sqlite3.connect(":memory:").execute(f"select '{people.IBAN}")


def idiom_py_json_decode_wrapped():
    try:
        json.loads(people.NOTE)
    except json.JSONDecodeError as exc:
        raise ValueError(f"cannot load profile: {exc} in {exc.doc}") from exc


def idiom_py_graphlib_cycle():
    list(graphlib.TopologicalSorter({people.MRN: [people.MRN_B], people.MRN_B: [people.MRN]}).static_order())


def idiom_py_email_header_wrapped():
    msg = EmailMessage()
    try:
        msg["Subject"] = people.NAME + "\nCc: all"
    except ValueError as exc:
        raise ValueError(f"{exc} for {people.NAME}") from exc


def idiom_py_executor_map():
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(int, ["7", people.NIN[:5] + people.SURNAME]))


async def idiom_py_asyncio_never_retrieved():
    import gc

    async def pump(p):
        raise RuntimeError(f"no pump for {p}")
    task = asyncio.create_task(pump(people.NAME_B))
    await asyncio.sleep(0)
    del task
    gc.collect()


async def idiom_py_loop_exception_handler():
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": f"reader for {people.MRN_B} died"})


def idiom_py_xml_find():
    root = ET.fromstring("<letter/>")
    if root.find("name") is None:
        raise LookupError(f"could not find tag {people.DIAGNOSIS} in {root.tag}")


def idiom_py_decimal_wrapped():
    try:
        return Decimal(people.WARD)
    except ArithmeticError as exc:
        raise ValueError(f"not an amount: {people.WARD} {exc}") from exc


def idiom_py_date_year():
    return date(people.PID, 1, 1)


def idiom_py_join_wrapped():
    try:
        return ", ".join([people.NAME, people.AGE])
    except TypeError as exc:
        raise TypeError(f"{exc} for {people.NAME}") from exc


def idiom_py_frozen_dataclass():
    @dataclass(frozen=True)
    class Key:
        code: str
    setattr(Key("x"), people.USERNAME, 1)


def idiom_py_logged_library_error():
    try:
        float(people.NAME)
    except ValueError:
        logger.exception("could not parse weight")


def idiom_py_list_index():
    queue = [people.NAME, people.NAME_C]
    return queue.index(people.NAME_B)


def idiom_py_set_level_from_setting():
    logging.getLogger("clinic.tmp").setLevel(people.USERNAME)


def idiom_py_unknown_encoding():
    return b"abc".decode(people.CITY)


def idiom_py_hashlib_new():
    import hashlib
    return hashlib.new(people.USERNAME)


def idiom_py_module_attribute():
    return getattr(sys.modules[__name__], people.DRUG_B)


def idiom_py_environ():
    return os.environ[people.POLICY]


def idiom_py_unpack_wrapped():
    try:
        first, last = people.SURNAME.split()
    except ValueError:
        raise ValueError(f'expected "first last", got "{people.SURNAME}"') from None


def idiom_py_decode_wrapped():
    try:
        people.NAME_C.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as exc:
        raise ValueError(f"{exc} in file {people.SCAN}") from exc
