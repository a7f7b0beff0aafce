from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from syncer.sandbox import Sandbox
from tests.practice.yard import KINDS, Yard
from tests.traffic import RECORD_TO

YardMaker = Callable[..., Yard]


@pytest.fixture(params=KINDS)
def yard(request: pytest.FixtureRequest) -> Iterator[YardMaker]:
    """Makes a yard on either forge: files by path, options of the project."""
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made: list[Yard] = []

        def make(files: dict[str, str] | str, **options: Any) -> Yard:
            texts = {"TODO.md": files} if isinstance(files, str) else files
            made.append(Yard(sandbox, request.param, texts, options))
            return made[-1]

        yield make
        for each in made:
            each.close()
