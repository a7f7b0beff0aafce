"""Standard output and standard error of which no known secret leaves the process, whoever prints."""

from __future__ import annotations

import io
import sys


def hide_secrets() -> None:
    """Mask every secret that is known by the time something is printed.

    Commands need not remember it, and neither need those that are still to be written. Programs that
    replaced the streams by something of their own keep what they have.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not isinstance(stream, _Masking):
            stream.flush()
            masking = _Masking(
                stream.buffer,
                encoding=stream.encoding,
                errors=stream.errors,
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            masking.replaced = stream
            setattr(sys, name, masking)


class _Masking(io.TextIOWrapper):
    replaced: io.TextIOWrapper
    """Kept alive: a stream that nobody holds closes the file that both write to."""

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            # As text streams do; libraries find out by this what kind of stream they have.
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        # Where nobody has imported it, nobody has told it a secret; and `--help` stays quick.
        logs = sys.modules.get("syncer.logs")
        super().write(logs.REDACTOR.clean(text) if logs is not None else text)
        return len(text)
