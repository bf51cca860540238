# ruff: noqa
"""Exceptions of the idioms."""

from dataclasses import dataclass
from fastapi import HTTPException, status
class HarborError(Exception):
    template = "harbor failed with {what}"
    def __init__(self, **fields):
        self.fields = fields
        super().__init__(self.template.format(**fields))
class BedTaken(HarborError):
    template = "bed {bed} of ward {ward} is taken"
class Quiet(Exception):
    """Nobody answered the ward's phone."""
    def __init__(self): super().__init__(self.__doc__)
class WithProps(Exception):
    def __init__(self, ward): self.ward = ward
    @property
    def message(self): return f"ward {self.ward} is full"
    def __str__(self): return self.message
class Coded(Exception):
    def __init__(self, code, msg): self.code, self.msg = code, msg
    def __str__(self): return f"[{self.code}] {self.msg}"
class NotFoundError(HTTPException):
    def __init__(self, entity: str, key):
        super().__init__(status_code=status.HTTP_404_NOT_FOUND, detail=f"{entity} with key {key} does not exist")
class Gone(HTTPException):
    DETAIL = "this referral was withdrawn"
    def __init__(self): super().__init__(status_code=410, detail=self.DETAIL)
@dataclass
class Mismatch(Exception):
    got: str
    want: str
    def __post_init__(self): super().__init__(f"got {self.got} but wanted {self.want}")
