"""Front matter: metadata between two fences at the very start of a file, and nowhere else.

The parser's own extension accepts such a block anywhere in a file (pulldown-cmark, `metadata_blocks`),
which would swallow every list between two rules that follow each other closely; forges look at the
first line only. So it is found here and never shown to the parser.
"""

from __future__ import annotations

import re

_OPENING = re.compile(r"(---|\+\+\+)[ \t]*(?:\r\n|\n|\r)")
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\n|\r|\Z)")
_YAML_KEY = re.compile(r"""(?:[\w.-]+|"[^"]*"|'[^']*')[ \t]*:(?:[ \t]|$)""")
_TOML_KEY = re.compile(r"""(?:[\w.-]+|"[^"]*"|'[^']*')[ \t]*=|\[{1,2}[\w.-]+\]{1,2}[ \t]*$""")
_CONTINUES = re.compile(r"[ \t#}\]]|-(?:[ \t]|$)")
_BOX = re.compile(r"[-*+][ \t]+\[[ xX]\](?:[ \t]|$)")
_LONGEST = 500


def front_matter_end(text: str) -> int:
    """How many characters of a text are front matter, its closing fence included; 0 for none.

    A block counts only if every line of it could be metadata: a rule that happens to be the first
    line, with a list below it, is no front matter.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return 0
    yaml = opening[1] == "---"
    key = _YAML_KEY if yaml else _TOML_KEY
    closing = ("---", "...") if yaml else ("+++",)
    at, keys = opening.end(), 0
    for _ in range(_LONGEST):
        line = _LINE.match(text, at)
        if line is None or at >= len(text):
            return 0
        content = line[1].rstrip(" \t")
        at = line.end()
        if content in closing:
            return at if keys else 0
        if key.match(content):
            keys += 1
        elif content and (not keys or _CONTINUES.match(content) is None or _BOX.match(content)):
            return 0
    return 0
