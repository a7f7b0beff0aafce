"""What `syncer doctor` says of a good set-up and of eight bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.answers.scenes import Writer


def _today(write: Writer) -> None:
    """The forge's clock is right again."""
    write.office.sandbox.clock.advance(86_400)


def doctor_good(write: Writer) -> None:
    _today(write)
    write.type("doctor")


def doctor_wrong_token(write: Writer) -> None:
    _today(write)
    write.office._token = "wrong"
    write.type("doctor")


def doctor_narrow_token(write: Writer) -> None:
    _today(write)
    office = write.office
    rights = {"contents": "write", "metadata": "read"}
    office._token = office.sandbox.github.token("fine", role="admin", permissions=rights)
    write.say("a fine-grained token that may write contents, and not issues")
    write.type("doctor")


def doctor_reader(write: Writer) -> None:
    _today(write)
    write.office._token = write.office.sandbox.github.token("reader", role="read")
    write.say("the token of somebody who may only read")
    write.type("doctor")


def doctor_wrong_name(write: Writer) -> None:
    _today(write)
    office = write.office
    office.settings = office.settings.replace('repository = "acme/rune"', 'repository = "acme/ruin"')
    office.write()
    write.type("doctor")


def doctor_archived(write: Writer) -> None:
    _today(write)
    write.office.sandbox.github.archive(write.office.repo)
    write.say("the repository was archived")
    write.type("doctor")


def doctor_without_issues(write: Writer) -> None:
    _today(write)
    write.office.sandbox.github.enable_issues(write.office.repo, False)
    write.say("issues were switched off")
    write.type("doctor")


def doctor_no_roadmap(write: Writer) -> None:
    _today(write)
    write.office.repo.commit({"TODO.md": None, "ROADMAP.txt": b"x"}, by="dave")
    write.say("the roadmap was removed")
    write.type("doctor")


def doctor_bad_key(write: Writer) -> None:
    _today(write)
    office = write.office
    office.settings = office.settings.replace("create_grace", "create_grase")
    office.write()
    write.say('the configuration says "create_grase"')
    write.type("doctor")


DOCTOR_SCENES = (
    doctor_good,
    doctor_wrong_token,
    doctor_narrow_token,
    doctor_reader,
    doctor_wrong_name,
    doctor_archived,
    doctor_without_issues,
    doctor_no_roadmap,
    doctor_bad_key,
)
