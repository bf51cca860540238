import os
from functools import lru_cache

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    app_title: str = "Courier back office"
    offline_notice: str = "booking is offline for maintenance"
    max_weight: float = 31.5
    database_url: str = "sqlite:///courier.db"


@lru_cache
def get_settings() -> Settings:
    return Settings()


settings = get_settings()

VALUE = os.environ["IDIOM_VALUE"]
OTHER = os.environ["IDIOM_OTHER"]
NUMBER = int(os.environ["IDIOM_NUMBER"])
