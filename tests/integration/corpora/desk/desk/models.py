from __future__ import annotations
import enum
from dataclasses import dataclass, field
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Contact(Base):
    __tablename__ = "desk_contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str] = mapped_column(sa.String(80))
    email: Mapped[str] = mapped_column(unique=True)
    tickets: Mapped[list["Ticket"]] = relationship(back_populates="contact")


class Ticket(Base):
    __tablename__ = "desk_ticket"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(nullable=False)
    state: Mapped[str] = mapped_column(default="open")
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("desk_contact.id"))
    contact: Mapped[Contact] = relationship(back_populates="tickets")
    __table_args__ = (sa.Index("ix_desk_ticket_state", "state"), sa.CheckConstraint("length(subject) > 0", name="ck_subject_not_empty"))


class State(str, enum.Enum):
    OPEN = "open"
    WAITING = "waiting on customer"
    CLOSED = "closed"


class Priority(enum.IntEnum):
    LOW = 1
    HIGH = 9


class Reason(enum.Enum):
    DUPLICATE = "Duplicate of another ticket"
    SPAM = "Marked as spam by the filter"

    @property
    def text(self):
        return f"Closed: {self.value}"


class TicketIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subject: str = Field(min_length=3)
    email: str
    priority: int = Field(ge=1, le=9)

    @field_validator("email")
    @classmethod
    def has_at(cls, value: str) -> str:
        if "@" not in value:
            raise ValueError("must be an e-mail address")
        return value

    @model_validator(mode="after")
    def urgent_needs_subject(self):
        if self.priority == 9 and len(self.subject) < 10:
            raise ValueError("urgent tickets need a descriptive subject")
        return self


@dataclass
class Attachment:
    filename: str
    size: int = 0
    tags: list = field(default_factory=list)

    def __post_init__(self):
        if self.size < 0:
            raise ValueError(f"size of {self.filename} must not be negative, got {self.size}")
