"""How people are told of what needs them, as configured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

TopicName = Literal["held", "conflict", "question", "parked", "recovered"]
ReceiverName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class ReceiverSettings(_Strict):
    """One address that messages are sent to."""

    url: SecretStr = Field(
        SecretStr(""), description="better: SYNCER_NOTIFICATIONS__WEBHOOKS__NAME__URL, or url_file"
    )
    url_file: Path | None = Field(None, description="a file that holds the address and nothing else")
    format: Literal["json", "slack"] = Field(
        "json", description="`slack` also suits Mattermost, Rocket.Chat and Discord's /slack"
    )
    secret: SecretStr = Field(
        SecretStr(""), description="signs every message, as Standard Webhooks do; any text, or whsec_BASE64"
    )
    secret_file: Path | None = Field(None, description="a file that holds that secret")
    topics: list[TopicName] = Field(
        ["held", "conflict", "question", "parked", "recovered"],
        min_length=1,
        description="what it is told of",
    )
    projects: list[str] = Field(default_factory=list, description="only of these; of all by default")
    ca_bundle: Path | None = Field(None, description="certificates to trust instead of the usual ones")
    proxy: SecretStr = Field(SecretStr(""), description="address of an HTTP proxy")
    timeout: float = Field(10.0, gt=0, le=25, description="seconds for each step of an attempt")

    @field_validator("url")
    @classmethod
    def _address(cls, url: SecretStr) -> SecretStr:
        text = url.get_secret_value()
        if text and not is_address(text):
            raise ValueError("is not an http(s) address without user name")
        return url


class NotificationSettings(_Strict):
    """Telling people what needs them."""

    webhooks: dict[ReceiverName, ReceiverSettings] = Field(default_factory=dict)
    patience: float = Field(
        86400.0, ge=0, description="seconds after which a message that does not arrive is given up"
    )


def is_address(text: str) -> bool:
    """Whether something is an address that a message can be sent to."""
    return re.fullmatch(r"https?://[^\s/@?#]+([/?][^\s#]*)?", text) is not None
