"""What the application can be told, by the environment or a `.env` file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of the practice API; every name is also the name of its environment variable."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str = "sqlite+aiosqlite:///./practice.db"
    """SQLAlchemy URL; `postgresql://` is taken to mean asyncpg."""
    database_password_file: Path | None = None
    """A file with the database's password, for a URL without one."""
    redis_url: str | None = None
    """Redis for live updates between workers; unset: each worker tells its own connections only."""
    redis_password_file: Path | None = None
    """A file with the password of Redis, for a URL without one."""
    reminder_webhook_url: str | None = None
    """Where reminders are posted (an SMS gateway); unset: none are sent."""
    reminder_timeout_seconds: float = Field(default=5.0, gt=0)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins, separated by commas, whose pages may call the API."""
    active_workspaces_refresh_seconds: float = Field(default=15.0, gt=0)
    """How often the number of active workspaces is read from the database."""
    log_level: str = "INFO"
    enable_test_endpoints: bool = False
    """Whether `/test/*`, which fail and stall on purpose, are there."""

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    def database(self) -> str:
        """The database's URL with its driver and password."""
        url = self.database_url
        for scheme in ("postgres://", "postgresql://"):
            if url.startswith(scheme):
                url = "postgresql+asyncpg://" + url.removeprefix(scheme)
        return _with_password(url, self.database_password_file)

    def redis(self) -> str | None:
        """The URL of Redis with its password, if there is one."""
        return None if self.redis_url is None else _with_password(self.redis_url, self.redis_password_file)


def _with_password(url: str, file: Path | None) -> str:
    if file is None:
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    password = quote(file.read_text().strip(), safe="")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{password}@{host}"))
