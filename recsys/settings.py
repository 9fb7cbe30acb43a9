"""The settings, read from the environment in this one place."""

import os
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from recsys.errors import SettingsError

_PREFIX = "RECSYS_"
_ENDPOINT = "AWS_ENDPOINT_URL"
_COPIES = "copies"
_BYTES_A_PRODUCT = 16_000  # for exact search: print, reduced vectors for candidates, and vectors of 1,280 numbers
_HTTP, _HTTP_TEXT = "^(https?://.+)?$", "an address that begins with http:// or https://"
_PROVIDER = r"^(https://[^/?#@]+(/[^?#]*)?|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^?#]*)?)?$"
"""Tokens are fetched from it, so only loopback may be without https."""


class Settings(BaseSettings):
    """Where data lives and how the product behaves; every field is `RECSYS_<FIELD>` in the environment."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore", populate_by_name=True)

    home: Path = Path("data")
    index_above: int = Field(default_factory=lambda: _machines_memory() // 4 // _BYTES_A_PRODUCT, ge=256)
    cache_address: str = Field(
        default="",
        validation_alias=f"{_PREFIX}CACHE",
        pattern=r"^(s3://[^/]+.*|/.+)?$",
        description="s3://BUCKET/FOLDER, or a folder's path from /",
    )
    s3_server: str = Field(default="", validation_alias=_ENDPOINT, pattern=_HTTP, description=_HTTP_TEXT)
    weights_mirror: str = Field(default="", pattern=_HTTP, description=_HTTP_TEXT)
    shop_database_url: SecretStr | None = None
    records_database_url: SecretStr | None = None
    survey_mode: Literal["open", "invited"] = "open"
    survey_step: int = Field(default=1, ge=1)
    survey_hourly: int = Field(default=120, ge=1)
    stakeholder_key: SecretStr | None = None
    cookie_secret: SecretStr | None = None
    hosts: str = ""
    served: bool = False
    sign_in_issuer: str = Field(default="", pattern=_PROVIDER, description="an address that begins with https://")
    sign_in_client_id: str = ""
    sign_in_client_secret: SecretStr | None = None
    sign_in_address: str = Field(default="", pattern="^(https?://[^/?#@]+(/[^?#]*)?)?$", description=_HTTP_TEXT)
    sign_in_scope: str = Field(
        default="openid email profile", pattern=r"\bopenid\b", description="words that openid is among"
    )
    sign_in_groups_claim: str = "groups"
    sign_in_hours: int = Field(default=12, ge=1)
    employees: str = ""
    stakeholders: str = ""
    administrators: str = ""
    jobs_outlive: bool = False
    import_user_agent: str = ""
    import_referer: str = ""
    import_accept: str = ""
    default_backbone: str | None = None
    precision: Literal["f32", "auto"] = "auto"
    max_networks: int = Field(default=3, ge=1)

    @cached_property
    def identity(self) -> str:
        """What distinguishes these settings from others, without the secrets."""
        return repr(self)

    @cached_property
    def cache(self) -> Path:
        """Everything that can be rebuilt: catalogue, images, vectors, compiled networks.

        If several machines share vectors and descriptions at an address, this has the rest, and copies of them.
        """
        return self.home / _COPIES / quote(self.cache_address, safe="") if self.cache_address else self.home / "cache"

    @cached_property
    def records(self) -> Path:
        """Everything that cannot be rebuilt; no command deletes or overwrites it."""
        return self.home / "records"


def _machines_memory() -> int:
    """The machine's memory in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def shared_address(cache: Path) -> str:
    """The address that a `Settings.cache` holds copies of; empty if it has everything itself."""
    return unquote(cache.name) if cache.parent.name == _COPIES else ""


def environment_name(field: str) -> str:
    """The environment variable of a field."""
    return str(Settings.model_fields[field].validation_alias or f"{_PREFIX}{field.upper()}")


def load_settings() -> Settings:
    """The settings from the environment; read once per state of it, because a page asks many times.

    Raises SettingsError, in one line, if a variable cannot be used.
    """
    names = sorted(name for name in os.environ if name.upper().startswith((_PREFIX, _ENDPOINT)))
    return _settings_in(tuple((name, os.environ[name]) for name in names))


@lru_cache(maxsize=4)
def _settings_in(variables: tuple[tuple[str, str], ...]) -> Settings:
    """Read the settings from the environment; the arguments are the variables that matter."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(_problem_text(problem) for problem in error.errors())
        raise SettingsError(f"Cannot use the settings: {problems}. Correct or unset them.") from None


def _problem_text(problem: Mapping[str, Any]) -> str:
    name = str(problem["loc"][0])  # of a field, or of its variable
    field = next(key for key, field in Settings.model_fields.items() if name in (key, field.validation_alias))
    description = Settings.model_fields[field].description
    expected = f"expected {description}" if description else problem["msg"]
    return f"{environment_name(field)}: {expected}, got {problem['input']!r}"
