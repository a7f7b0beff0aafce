"""What is wrong with a configuration, in words: which key, where it was given, what would be right.

Never a value: a token that was pasted into the wrong place must not end up in a log.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsError

PREFIX: Final = "SYNCER_"
NESTED: Final = "__"

_OTHER_MESSAGES: Final = {
    "missing": "is missing",
    "dict_type": "is a table",
    "model_type": "is a table",
    "list_type": "is a list",
    "string_type": "is a text, in quotation marks",
}


def mistakes(error: ValidationError, model: type[BaseModel], secrets: Path | None) -> Iterator[str]:
    """Every mistake in one sentence that begins with the key's path.

    Args:
        error: as validation raised it.
        model: what was validated.
        secrets: the directory whose files were read, if there is one.
    """
    for problem in error.errors(include_url=False, include_input=False):
        place = [str(part) for part in problem["loc"] if part != "[key]"]
        message = _OTHER_MESSAGES.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        if problem["type"] == "extra_forbidden":
            message = "is no setting" + _suggestion(model, place)
        elif "[key]" in problem["loc"]:
            message = "names are made of small letters, digits, `.`, `_` and `-`"
        origin = _origin(place, secrets) if problem["type"] != "missing" else _beginner(place[:-1])
        text = f"{'.'.join(place)}: {message}" if place else message
        yield f"{text} ({origin})" if origin else text


def unreadable(error: SettingsError) -> str:
    """What to say about a variable that has to hold JSON and does not."""
    found = re.search(r'field "(\w+)"', str(error))
    field = found[1].upper() if found else "..."
    return f"{PREFIX}{field}, or a variable that begins so, has to hold JSON and does not"


def unknown_variables(model: type[BaseModel]) -> Iterator[str]:
    """Variables that look like settings and are none, as ``SYNCER_FORGE__MAIN__TOKEN``.

    A variable without two underscores in its name may be anybody's.
    """
    known = [name.upper() for name in model.model_fields]
    for variable in sorted(os.environ):
        name = variable.upper()
        first, nested, rest = name.removeprefix(PREFIX).partition(NESTED)
        if not name.startswith(PREFIX) or not nested or first in known:
            continue
        close = difflib.get_close_matches(first, known, n=1)
        better = f" (did you mean {PREFIX}{close[0]}{NESTED}{rest}?)" if close else ""
        yield f"{variable}: is no setting{better}"


def _origin(place: list[str], secrets: Path | None) -> str:
    """Where a value was given, if not in the configuration's file."""
    names = {name.upper(): name for name in os.environ}
    files = {file.name.upper(): file for file in secrets.iterdir()} if secrets is not None else {}
    for length in range(len(place), 0, -1):
        # Names of variables have no hyphens and dots, names of forges may.
        name = NESTED.join(_variable(part) for part in place[:length])
        if (variable := names.get(PREFIX + name)) is not None:
            return f"from the environment, {variable}"
        if (file := files.get(name)) is not None:
            return f"from {file}"
    return ""


def _beginner(place: list[str]) -> str:
    """The variable that began a table in which something is missing: its name may be mistyped."""
    begin = PREFIX + "".join(_variable(part) + NESTED for part in place)
    found = [name for name in sorted(os.environ) if len(place) > 1 and name.upper().startswith(begin)]
    return f"the environment has {found[0]}" if found else ""


def _variable(part: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", part).upper()


def _suggestion(model: type[BaseModel], place: list[str]) -> str:
    at: Any = model
    for part in place[:-1]:
        at = _inside(at, part)
    if not _is_model(at):
        return ""
    close = difflib.get_close_matches(place[-1], at.model_fields, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _inside(kind: Any, part: str) -> Any:
    """The type of what stands below a key; ``None`` where there is nothing to know."""
    if _is_model(kind):
        field = kind.model_fields.get(part)
        return _settled(field.annotation) if field is not None else None
    if get_origin(kind) in (dict, list):
        return _settled(get_args(kind)[-1])
    return None


def _settled(kind: Any) -> Any:
    """``X | None`` as ``X``."""
    if get_origin(kind) in (dict, list) or _is_model(kind):
        return kind
    return next((each for each in get_args(kind) if _is_model(each)), None)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
