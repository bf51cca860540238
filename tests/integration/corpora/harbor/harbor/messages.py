# ruff: noqa
"""Texts of the idioms."""

import enum
from types import SimpleNamespace
from typing import Final, NamedTuple
WELCOME = "Welcome desk is not staffed for {name}"
LOST = "lost the referral of %s on the way"
TOO_MANY: Final = "too many open drafts for one author"
class Reason(enum.StrEnum):
    NO_BED = "no bed was left on the ward"
    NO_NURSE = "no nurse was on duty"
class Code(enum.Enum):
    EXPIRED = ("E10", "prescription had expired before pick-up")
    WRONG = ("E11", "wrong pharmacy for it")
    @property
    def text(self): return self.value[1]
BY_REASON = {Reason.NO_BED: "please call the bed manager", Reason.NO_NURSE: "please call the head nurse"}
class Line(NamedTuple):
    code: int
    text: str
REFUSED = Line(4, "transport was refused by the insurer")
TEXTS = SimpleNamespace(closing="ward closes for cleaning")
def _(s): return s
GREETING = _("translated text of the front page")
