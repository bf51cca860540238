"""The people whom the idioms speak of: whatever is theirs comes from the environment."""
import os

_VALUE, _OTHER, _NUMBER = (os.environ[f"IDIOM_{name}"] for name in ("VALUE", "OTHER", "NUMBER"))

NAME, USERNAME, PHONE = _OTHER, f"u{_VALUE}", f"+47 {_NUMBER}"
MRN, PID = f"MRN-{_NUMBER}", int(_NUMBER)
ADDRESS, CITY, DRUG, DOB_TEXT = f"{_VALUE} 48B", _VALUE, f"{_VALUE} 350 mg", f"17/{_NUMBER}"
NAME_B, NOTE, CARD, AMOUNT = f"Ana {_VALUE}", f"mother of {_OTHER} called", _NUMBER, f"{_NUMBER}.75"
