"""Settings are read from a directory of their own, in an environment without settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import pytest

from syncer.settings import Settings, load


class Read(Protocol):
    """Settings from the text of a file."""

    def __call__(self, text: str, name: str = ...) -> Settings: ...


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.upper().startswith("SYNCER_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("syncer.settings._SECRETS_DIRECTORIES", ())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Settings from the text of a file."""

    def read_text(text: str, name: str = "syncer.toml") -> Settings:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return load(file)

    return read_text


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory as container platforms mount secrets."""
    directory = tmp_path / "secrets"
    directory.mkdir()
    monkeypatch.setenv("SYNCER_SECRETS_DIR", str(directory))
    return directory
