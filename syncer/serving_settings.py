"""The part of the configuration that concerns the daemon: when it looks, where it listens, how it scales."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):(\d{1,5})")
_QUIET = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class ScheduleSettings(_Strict):
    """When a project is looked at without anybody asking."""

    every: float = Field(300.0, ge=0, description="seconds between two looks; 0 for never")
    cron: str = Field("", description="instead of `every`: minute hour day month weekday, as in crontab")
    jitter: float = Field(30.0, ge=0, description="seconds by which looks are spread, at most")
    audit_every: float = Field(
        86400.0, ge=0, description="seconds between two complete listings of the trackers; 0 for never"
    )
    time_zone: str = Field("UTC", description="of `cron` and `quiet`, as Europe/Berlin")
    quiet: str = Field("", description="hours without scheduled looks, as 22:00-06:00; webhooks still count")

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("there is no such time zone") from None
        return name

    @field_validator("quiet")
    @classmethod
    def _hours(cls, text: str) -> str:
        if text and not _QUIET.fullmatch(text):
            raise ValueError("quiet hours are written as 22:00-06:00")
        return text

    @field_validator("cron")
    @classmethod
    def _crontab(cls, text: str) -> str:
        if text:
            from apscheduler.triggers.cron import CronTrigger

            try:
                CronTrigger.from_crontab(text)
            except ValueError as error:
                raise ValueError(f"is no crontab expression: {error}") from None
        return text


class ServeSettings(_Strict):
    """The daemon: `syncer serve` and `syncer worker`."""

    engine: Literal["embedded", "procrastinate"] = Field(
        "embedded", description="one process; or any number of them over the PostgreSQL of state.url"
    )
    listen: str = Field("127.0.0.1:8420", description="HOST:PORT of the webhooks; port 0 takes a free one")
    status_listen: str = Field(
        "", description="HOST:PORT of health, metrics and status; default: the same as `listen`"
    )
    public_url: str = Field("", description="where forges reach `listen`, for `syncer hooks install`")
    status_token: SecretStr = Field(
        SecretStr(""), description="metrics and status then want it as a bearer token"
    )
    status_token_file: Path | None = Field(None, description="a file that holds that token")
    inbox: Path = Field(
        Path("syncer-inbox.db"), description="embedded engine: wake-ups that are not done yet, a SQLite file"
    )
    threads: int = Field(4, ge=1, le=256, description="projects synced at the same time, in one process")
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings)
    sweep_every: float = Field(
        3600.0,
        ge=0,
        description="seconds between looks for webhooks that GitHub could not deliver; 0 for never",
    )
    debounce: float = Field(0.2, ge=0, le=60, description="seconds of silence after an event")
    longest_debounce: float = Field(2.0, ge=0, le=600, description="seconds it is waited for")
    first_retry: float = Field(10.0, gt=0, description="seconds after a first failure; doubled each time")
    longest_retry: float = Field(1800.0, gt=0, description="seconds between retries, at most")
    parked_retry: float = Field(900.0, gt=0, description="seconds until a parked project is tried again")
    outage_after: int = Field(5, ge=1, description="failed requests in a row that count as a forge's outage")
    outage_pause: float = Field(30.0, gt=0, description="seconds of peace for that forge; doubled each time")
    worker_gone: float = Field(
        20.0, ge=1, description="seconds without a sign of life after which others do a worker's work"
    )
    grace: float = Field(25.0, ge=0, description="seconds to finish in after SIGTERM")
    watch: float = Field(5.0, ge=0, description="seconds between looks at the file; 0 for never")
    body_limit: int = Field(25 * 1024 * 1024, ge=1024, description="bytes of a webhook, at most")
    projects_in_metrics: int = Field(200, ge=0, description="projects with a series of their own, at most")

    @field_validator("listen", "status_listen")
    @classmethod
    def _address(cls, text: str) -> str:
        if text:
            match = _ADDRESS.fullmatch(text)
            if match is None or int(match[2]) > 65535:
                raise ValueError("an address is written as HOST:PORT")
        return text

    @field_validator("public_url")
    @classmethod
    def _url(cls, text: str) -> str:
        if text and not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", text):
            raise ValueError("is not an http(s) address without user, query and fragment")
        return text.rstrip("/")

    @model_validator(mode="after")
    def _listens(self) -> ServeSettings:
        if not self.listen:
            raise ValueError("listen: is empty")
        return self
