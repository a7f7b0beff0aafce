from __future__ import annotations

import pytest

from .fakes import Diary, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def diary() -> Diary:
    return Diary()
