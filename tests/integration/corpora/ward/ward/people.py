"""The people whom the idioms speak of: whatever is theirs comes from the environment."""
import os
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

_VALUE, _OTHER, _NUMBER = (os.environ[f"IDIOM_{name}"] for name in ("VALUE", "OTHER", "NUMBER"))

FIRST, SURNAME, NAME, NAME_B, NAME_C = _VALUE, _VALUE, _OTHER, f"Ana {_VALUE}", f"Í{_OTHER}"
PHONE, PHONE_B = f"+47 {_NUMBER}", f"0049-{_NUMBER}"
NIN, MRN, MRN_B, PID = _NUMBER, f"MRN-{_NUMBER}", f"MRN-{_VALUE}", int(_NUMBER)
DIAGNOSIS, DIAGNOSIS_B, DIAG_CODE = f"{_VALUE} disorder", f"{_OTHER} syndrome", _VALUE
EMAIL, EMAIL_B = f"{_VALUE}@post.example", f"b.{_VALUE}@post.example"
DOB, DOB_TEXT, VISIT = date(1981, 3, 17), f"17/{_NUMBER}", datetime(2024, 11, 5, 14, 35)
DRUG, DRUG_B = f"{_VALUE} 350 mg", _VALUE
ADDRESS, CITY, WARD, ROOM = f"{_VALUE} 48B", _VALUE, f"{_VALUE}-3", f"K7-{_NUMBER}"
POLICY, CARD, IBAN, REFERRAL = f"PX/{_NUMBER}", _NUMBER, f"NO{_NUMBER}", f"RF-{_NUMBER}"
AMOUNT, BALANCE = Decimal(f"{_NUMBER}.75"), Decimal(f"-{_NUMBER}.40")
AGE, WEIGHT, LAB = 43, 92.637, 7.84
USERNAME, SCAN, NOTE = f"u{_VALUE}", f"{_VALUE}.dcm", f"mother of {_OTHER} called"
ALLERGY, INVOICE, IP, THERAPIST = f"{_VALUE} anaphylaxis", f"INV-{_NUMBER}", "198.51.100.237", f"dr. {_OTHER}"


@dataclass
class Patient:
    name: str
    mrn: str
    phone: str
    email: str
    dob: date
    diagnosis: str
    balance: Decimal = Decimal(0)

    def __str__(self):
        return self.name


PATIENT = Patient(NAME, MRN, PHONE, EMAIL, DOB, DIAGNOSIS, BALANCE)
PATIENT_B = Patient(NAME_B, MRN_B, PHONE_B, EMAIL_B, date(1967, 8, 29), DIAGNOSIS_B)
ROW = {"name": NAME, "mrn": MRN, "phone": PHONE, "email": EMAIL, "dob": DOB_TEXT,
       "diagnosis": DIAGNOSIS, "nin": NIN, "age": "forty-three"}
ROW_B = {"name": NAME_B, "mrn": MRN_B, "phone": PHONE_B, "email": EMAIL_B, "diagnosis": DIAGNOSIS_B}
