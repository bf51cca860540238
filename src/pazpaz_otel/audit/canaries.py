"""Invented patient data, unique in every run, so that a finding identifies the planted string, and its forms.

Names are made of syllables of their script, so that no real person is named and no dictionary word is matched by
accident. Israeli identity numbers carry a valid check digit, because a guard could otherwise tell them from real ones.
"""

# ruff: noqa: RUF001 - names in other scripts are the point

from __future__ import annotations

import base64
import html
import itertools
import json
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

_SCRIPTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "hebrew": (
        ("בר", "גל", "דב", "חנ", "טל", "יר", "כר", "לב", "מר", "נע", "סג", "ענ", "פז", "צל", "קר", "רו", "שק", "תמ"),
        ("אל", "בוב", "גיל", "דיה", "הוד", "זית", "טון", "כוב", "לית", "מור", "ניק", "סון", "פלד", "ריץ", "שטי"),
    ),
    "arabic": (
        ("با", "جم", "حس", "خل", "رش", "زي", "سل", "شر", "صا", "طا", "عم", "فا", "قا", "كر", "لط", "مح", "نا", "وس"),
        ("ابي", "وري", "يدة", "لاق", "مان", "نوف", "هاد", "يسر", "زون", "قيش", "طير", "غول", "ضوء", "ثاب", "ذيب"),
    ),
    "russian": (
        ("Вал", "Гор", "Дми", "Жан", "Зин", "Кат", "Люб", "Мир", "Нат", "Оль", "Пет", "Рус", "Сте", "Тат", "Юри"),
        ("берск", "вотья", "гужев", "дорец", "зинов", "купец", "лопат", "мягин", "нюшка", "пыжов", "тухач", "щебет"),
    ),
    "latin": (
        ("Bra", "Cle", "Dro", "Fli", "Gwe", "Hab", "Jor", "Kel", "Lum", "Mav", "Nez", "Oth", "Pli", "Quo", "Ruv"),
        ("bazin", "cotrel", "dulvek", "fimora", "gushow", "hepzib", "jaknor", "lovzak", "mupiel", "nyzoff", "zquith"),
    ),
}
_STREETS = ("רחוב", "Rehov", "улица", "شارع")
_DIAGNOSES = (
    "F32.1 moderate depressive episode",
    "F43.10 post-traumatic stress",
    "E11.9 סוכרת סוג 2",
    "G47.0 бессонница",
)
_SYMPTOMS = (
    "panic at night",
    "כאבים בגב התחתון",
    "бессонница третью неделю",
    "ألم في الصدر",
    "low mood after the divorce",
)


@dataclass(frozen=True)
class Canary:
    """One invented piece of patient data.

    Attributes:
        category: its category, such as ``name.hebrew`` or ``israeli_id``.
        text: the text to plant.
        tokens: the parts of it that identify the patient; any of them in the output is a leak.
    """

    category: str
    text: str
    tokens: tuple[str, ...]


@dataclass
class CanaryMaker:
    """Create canaries from a seed; the same seed gives the same ones in the same order.

    Args:
        seed: any integer.
    """

    seed: int
    _random: random.Random = field(init=False, repr=False)
    _made: set[str] = field(init=False, repr=False, default_factory=set)
    _turn: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - invented data, not a secret

    def make(self, category: str) -> Canary:
        """Return a new canary of a category in `CATEGORIES`.

        Raises:
            KeyError: the category isn't known.
        """
        return getattr(self, CATEGORIES[category])(category)  # type: ignore[no-any-return]

    def next(self, *unwanted: str) -> Canary:
        """Return a new canary, from each category in turn except the excluded ones."""
        while True:
            category = list(CATEGORIES)[self._turn % len(CATEGORIES)]
            self._turn += 1
            if category not in unwanted:
                return self.make(category)

    def _word(self, script: str) -> str:
        heads, tails = _SCRIPTS[script]
        for attempt in itertools.count():
            # Large audits use up the short names; longer ones follow.
            syllables = self._random.choices(tails, k=2 + attempt // 20)
            word = self._random.choice(heads) + "".join(syllables)
            if word.casefold() not in self._made:
                break
        self._made.add(word.casefold())
        return word

    def _digits(self, count: int) -> str:
        while True:
            digits = "".join(self._random.choice("123456789") for _ in range(count))
            if digits not in self._made:
                self._made.add(digits)
                return digits

    def _date(self) -> tuple[int, int, int]:
        while True:
            year = self._random.randrange(1931, 1990)
            month, day = self._random.randrange(1, 13), self._random.randrange(1, 29)
            if f"{year}-{month}-{day}" not in self._made:
                self._made.add(f"{year}-{month}-{day}")
                return year, month, day

    def _name(self, category: str) -> Canary:
        script = category.rpartition(".")[2]
        first, last = self._word(script), self._word(script)
        return Canary(category, f"{first} {last}", (first, last))

    def _israeli_id(self, category: str) -> Canary:
        body = self._digits(8)
        number = body + str(check_digit(body))
        return Canary(category, number, (number,))

    def _phone(self, category: str) -> Canary:
        tail = self._digits(7)
        area = f"5{self._random.randrange(9)}"
        text = f"+972-{area}-{tail[:3]}-{tail[3:]}"
        return Canary(category, text, (text, f"972{area}{tail}", f"0{area}{tail}"))

    def _email(self, category: str) -> Canary:
        first, last = self._word("latin").lower(), self._word("latin").lower()
        return Canary(category, f"{first}.{last}@{last}.example", (first, last))

    def _birth_date(self, category: str) -> Canary:
        year, month, day = self._date()
        second = self._digits(10)
        tokens = (f"{year}-{month:02}-{day:02}", f"{day:02}/{month:02}/{year}", f"{day:02}.{month:02}.{year}")
        return Canary(category, f"born {tokens[0]} file {second}", (*tokens, second))

    def _address(self, category: str) -> Canary:
        street = self._word(self._random.choice(("hebrew", "latin", "russian", "arabic")))
        return Canary(category, f"{self._random.choice(_STREETS)} {street} {self._random.randrange(1, 99)}", (street,))

    def _diagnosis(self, category: str) -> Canary:
        word = self._word("latin")
        text = f"{self._random.choice(_DIAGNOSES)} ({word} syndrome)"
        return Canary(category, text, (word, text))

    def _soap(self, category: str) -> Canary:
        first, doctor = self._word("hebrew"), self._word("latin")
        text = (
            f"S: {first} reports {self._random.choice(_SYMPTOMS)}\nO: tearful, BP 130/85\n"
            f"A: {self._random.choice(_DIAGNOSES)}\nP: see Dr. {doctor} on Sunday"
        )
        return Canary(category, text, (first, doctor))

    def _free_text(self, category: str) -> Canary:
        person, place = self._word("russian"), self._word("latin")
        return Canary(category, f"{person} asked to be called after six, lives near {place}'s bakery", (person, place))

    def _social_security_number(self, category: str) -> Canary:
        digits = self._digits(9)
        text = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
        return Canary(category, text, (text, digits))

    def _record_number(self, category: str) -> Canary:
        digits = self._digits(10)
        return Canary(category, f"MRN {digits}", (digits,))

    def _account_number(self, category: str) -> Canary:
        digits = self._digits(19)
        return Canary(category, f"IL62{digits}", (digits,))

    def _vehicle_or_device(self, category: str) -> Canary:
        serial = self._word("latin").upper() + self._digits(6)
        return Canary(category, serial, (serial,))

    def _ip_address(self, category: str) -> Canary:
        # RFC 3849: documentation addresses, which are enough for each to be unique.
        digits = self._digits(12)
        groups = (digits[:4], digits[4:8], digits[8:])
        text = "2001:db8:{}:{}::{}".format(*groups)
        return Canary(category, text, (text, "_".join(groups), ".".join(groups)))

    def _url(self, category: str) -> Canary:
        site, person = self._word("latin").lower(), self._word("latin").lower()
        return Canary(category, f"https://{site}.example/clients/{person}", (site, person))

    def _patient_uuid(self, category: str) -> Canary:
        number = f"{self._random.getrandbits(128):032x}"
        text = f"{number[:8]}-{number[8:12]}-4{number[13:16]}-a{number[17:20]}-{number[20:]}"
        return Canary(category, text, (text,))


CATEGORIES: dict[str, str] = {
    "name.hebrew": "_name",
    "israeli_id": "_israeli_id",
    "name.latin": "_name",
    "email": "_email",
    "name.arabic": "_name",
    "phone": "_phone",
    "name.russian": "_name",
    "birth_date": "_birth_date",
    "soap_note": "_soap",
    "address": "_address",
    "diagnosis": "_diagnosis",
    "free_text": "_free_text",
    "patient_uuid": "_patient_uuid",
    "social_security_number": "_social_security_number",
    "record_number": "_record_number",
    "account_number": "_account_number",
    "vehicle_or_device": "_vehicle_or_device",
    "ip_address": "_ip_address",
    "url": "_url",
}
"""The categories of invented data, each with the method that creates it."""


def check_digit(body: str) -> int:
    """Return the ninth digit of an Israeli identity number that starts with `body`: Luhn, weights 1 and 2."""
    total = 0
    for position, digit in enumerate(body):
        product = int(digit) * (1 + position % 2)
        total += product if product < 10 else product - 9  # noqa: PLR2004 - the sum of two digits
    return -total % 10


def _identifier(text: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in text).lower().split())


def _namespace(text: str) -> str:
    return "note." + _identifier(text).replace("_", ".")


VARIANTS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "mixed_case": lambda text: "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(text)),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "percent": lambda text: quote(text, safe=""),
    "percent_twice": lambda text: quote(quote(text, safe=""), safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64_url": lambda text: base64.urlsafe_b64encode(b"x" + text.encode()).decode().rstrip("="),
    "hex": lambda text: text.encode().hex(),
    "json": lambda text: json.dumps({"client": {"full_name": text}}),
    "json_raw": lambda text: json.dumps([text], ensure_ascii=False),
    "json_in_json": lambda text: json.dumps({"payload": json.dumps({"n": text})}),
    "html": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "identifier": _identifier,
    "namespace": _namespace,
}
"""Each form's name and the function from the plain text to it."""

KEY_VARIANTS = ("identifier", "namespace", "plain")
"""The forms that can be used as a key or a name."""


def tokens_of(canary: Canary) -> tuple[str, ...]:
    """Return what to look for: the canary's own tokens and its whole text."""
    return tuple(dict.fromkeys((*canary.tokens, canary.text)))
