"""Settings of the box office."""

import os
from dataclasses import dataclass, field

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

VALUE = os.environ["IDIOM_VALUE"]
OTHER = os.environ["IDIOM_OTHER"]
NUMBER = int(os.environ["IDIOM_NUMBER"])


class BoxOffice(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="STALLS_")

    closed_message: str = Field("the box office is shut right now", description="shown at night")
    welcome: str = "welcome to {house}, doors open soon"
    seats: int = 400


@dataclass
class Theme:
    banner: str = "tonight is the premiere of the season"
    footers: dict = field(default_factory=dict)


class Dev:
    HINT = "running with the fake payment provider"


config = BoxOffice()
theme = Theme()
