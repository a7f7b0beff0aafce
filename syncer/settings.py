"""Configuration: TOML (or YAML) first, the environment over it, secrets from files or the environment.

Unknown keys are errors that name the key's path. Errors never show values: a token that was pasted
into the wrong place must not end up in a log.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from syncer.errors import ConfigError
from syncer.labelling_settings import Account, LabelSettings
from syncer.notification_settings import NotificationSettings
from syncer.serving_settings import ScheduleSettings, ServeSettings
from syncer.settings_mistakes import NESTED, PREFIX, mistakes, unknown_variables, unreadable

FILE_NAMES = ("syncer.toml", "syncer.yaml", "syncer.yml", "config/syncer.toml")
"""Where a configuration is looked for in the working directory, in this order."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_QUERY_PASSWORD = re.compile(r"([?&](?:ssl)?password=)([^&#]*)")
_SECRETS_DIRECTORIES = ("/run/secrets",)

_GIT = "git:"
_REF = re.compile(r"refs(?!.*\.\.|.*@\{)(?:/(?!\.)[^\x00-\x20\x7f ~^:?*\[\]{}\\/]+(?<!\.lock)(?<!\.)){2,}")
"""A full name of a ref with at least two parts behind ``refs`` (git-scm.com, "git-check-ref-format")."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class StateSettings(_Strict):
    """Where the ledger lives."""

    url: str = Field(
        "sqlite:///syncer.db",
        description="sqlite:///PATH (relative to this file), postgresql://USER@HOST/DATABASE, or "
        "git:refs/syncer/{project} (a ref of the source repository, for runs without a disk)",
        repr=False,
    )

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        if url.startswith(_GIT):
            example = "git:refs/syncer/{project}"
            if not _REF.fullmatch(url.removeprefix(_GIT).replace("{project}", "project")):
                raise ValueError(f"names no ref that git allows; write {example}")
        return url

    def ref(self, project: str) -> str:
        """The ref that a project's ledger is kept on; empty where it is kept in a database."""
        if not self.url.startswith(_GIT):
            return ""
        return self.url.removeprefix(_GIT).replace("{project}", project)

    @property
    def passwords(self) -> tuple[str, ...]:
        """The passwords in the address, as they are written there, and as they are meant."""
        written = [_userinfo(self.url)[1], *(match[2] for match in _QUERY_PASSWORD.finditer(self.url))]
        return tuple(dict.fromkeys(text for each in written for text in (each, unquote(each)) if text))

    @field_serializer("url", when_used="json")
    def _masked(self, url: str) -> str:
        user, password = _userinfo(url)
        if password:
            url = url.replace(f"{user}:{password}@", f"{user}:**********@", 1)
        return _QUERY_PASSWORD.sub(r"\1**********", url)


class PaceSettings(_Strict):
    """How fast to go, where the forge's own limits are not the public ones."""

    creations_per_minute: int | None = Field(None, ge=1, description="issues, milestones, labels")
    creations_per_hour: int | None = Field(None, ge=1)
    requests_per_minute: int | None = Field(None, ge=1)
    points_per_minute: int | None = Field(None, ge=1, description="GitHub: a read costs 1, a write 5")
    seconds_between_writes: float = Field(0.0, ge=0, le=60)
    seconds_between_creations: float = Field(0.0, ge=0, le=60, description="of what notifies people")
    concurrency: int | None = Field(None, ge=1)
    longest_wait: float = Field(120.0, ge=0, description="seconds; longer waits end the run instead")


class AppSettings(_Strict):
    """A GitHub App, instead of a token."""

    id: str = Field(min_length=1, description="the App's id, or its client id")
    private_key: SecretStr = Field(
        SecretStr(""), description="PEM; better: SYNCER_FORGES__NAME__APP__PRIVATE_KEY, or private_key_file"
    )
    private_key_file: Path | None = Field(None, description="the .pem file that GitHub gave out for the App")
    installation: int | None = Field(None, ge=1, description="default: looked up for each repository")

    @field_validator("id", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        """Ids of Apps are numbers, and people write them as such."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class ForgeSettings(_Strict):
    """One forge."""

    kind: Literal["github", "gitlab"]
    url: str = Field("", description="API root as the client library wants it; empty for the public forge")
    token: SecretStr = Field(SecretStr(""), description="better: SYNCER_FORGES__NAME__TOKEN, or token_file")
    token_file: Path | None = Field(None, description="a file that holds the token and nothing else")
    app: AppSettings | None = Field(None, description="a GitHub App, instead of a token")
    ca_bundle: Path | None = Field(None, description="certificates to trust instead of the usual ones")
    proxy: SecretStr = Field(
        SecretStr(""),
        description="address of an HTTP proxy; `environment` follows HTTPS_PROXY, NO_PROXY and the like",
    )
    webhook_secrets: list[SecretStr] = Field(
        default_factory=list,
        description="any of them is accepted, the first is given to new hooks; `whsec_` ones sign on GitLab",
    )
    webhook_secrets_file: Path | None = Field(None, description="a file with one such secret in each line")
    connect_timeout: float = Field(10.0, gt=0, description="seconds")
    read_timeout: float = Field(30.0, gt=0, description="seconds of silence that end a request")
    pace: PaceSettings | None = Field(None, description="by default the public forge's limits, else none")

    @field_validator("url")
    @classmethod
    def _without_secrets(cls, url: str) -> str:
        """An address is shown in errors, links and markers; a password in it would be, too."""
        if any(_userinfo(url)):
            raise ValueError("contains a user name or password; give the token by environment or file")
        return url


class TrackerSettings(_Strict):
    """One repository whose issues follow the roadmap."""

    forge: str
    repository: str = Field(description="owner/name; on GitLab the project's full path")


class GuardSettings(_Strict):
    """When a plan waits for an approval."""

    creates: int = Field(50, ge=0, description="issues created")
    changes: int = Field(25, ge=0, description="closes, reopens, unticks or retitles, each counted alone")
    few: int = Field(10, ge=0, description="so many of those pass whatever their share is")
    share: float = Field(
        0.3, ge=0, le=1, description="of the bound items, above which more than `few` are held"
    )
    ticks: int = Field(100, ge=0, description="boxes ticked")
    removals: int = Field(5, ge=0, description="issues closed because their line is gone")


class Choice(StrEnum):
    """Who wins a conflict."""

    HOLD = "hold"
    ROADMAP = "roadmap"
    TRACKER = "tracker"


class ConflictSettings(_Strict):
    """Who wins when both sides changed a field differently."""

    state: Choice = Choice.HOLD
    title: Choice = Choice.HOLD
    name: Choice = Field(Choice.HOLD, description="of milestones")
    due: Choice = Field(Choice.HOLD, description="of milestones")


class ProjectSettings(_Strict):
    """One source of roadmaps and the trackers that follow it."""

    forge: str
    repository: str = Field(description="owner/name; on GitLab the project's full path")
    source: str = Field(
        "forge",
        description="where the roadmaps are read and written: `forge` (that repository, by the forge's API), "
        "`worktree` (the checkout that this file lies in), or the address of a git remote",
    )
    author: str = Field(
        "syncer <syncer@localhost>",
        pattern=r"^[^<>\n]+ <[^<>\s]+>$",
        description="of commits to a git remote",
    )
    branch: str = Field("", description="default: the repository's default branch")
    roadmaps: list[str] = Field(
        default_factory=lambda: ["TODO.md", "ROADMAP.md"],
        min_length=1,
        description="paths and patterns from the repository's root; ** crosses directories",
    )
    trackers: list[TrackerSettings] = Field(
        default_factory=list, description="default: the issues of the same repository"
    )
    label: str = Field("roadmap", max_length=50, description="marks managed issues; empty for none")
    criteria: Literal["gate", "issues", "ignore"] = Field(
        "gate",
        description="boxes under exit or acceptance criteria: one issue per stage with a checklist, "
        "an issue each, or none",
    )
    groups: Literal["issues", "sub_issues", "checklist"] = Field(
        "issues",
        description="a box with boxes below it: an issue each, side by side; a parent with sub-issues or "
        "child tasks (a checklist where the forge has no room for them); or a checklist always",
    )
    dropped: Literal["keep", "mark", "strike"] = Field(
        "keep",
        description="an issue closed as not planned leaves its line alone, "
        "marks its box [-], or strikes it through",
    )
    dropped_label: str = Field("dropped", max_length=50, description="says so where a forge has no reasons")
    removed: Literal["report", "label", "close"] = Field("report", description="issues whose line is gone")
    mirrors: dict[str, str] = Field(
        default_factory=dict,
        description="files that repeat a roadmap's items and follow their states: COPY.md = TODO.md",
    )
    started_by: Literal["label", "assignee"] = Field(
        "label", description="work in progress is an issue with the label labels.started, or an assigned one"
    )
    loops: Literal["one", "expand"] = Field(
        "one", description="a repeated stage (RC1 to RC6) has one milestone, or one per iteration as well"
    )
    placement: Literal["roadmap", "both"] = Field(
        "roadmap", description="an issue moved to another stage's milestone is reported, or its line follows"
    )
    stage_status: Literal["report", "write"] = Field(
        "report",
        description="overview rows, status lines and headings of stages are left alone, or follow the items",
    )
    link_back: Literal["off", "link"] = Field(
        "off", description="put a link to its issue behind every line; with several trackers to the first"
    )
    labels: LabelSettings = Field(default_factory=LabelSettings)
    members: dict[str, Account] = Field(
        default_factory=dict,
        description="people that roadmaps name, and their accounts: a login, or logins by forge",
    )
    intake: Literal["off", "reference", "label"] = Field(
        "reference",
        description="issues of people that get a line: those that name a place in a roadmap on a line of "
        "their own; a stranger's, or with `label` everybody's, only with the label",
    )
    intake_label: str = Field(
        "intake", min_length=1, max_length=50, description="that label; somebody who may triage sets it"
    )
    done_wins: bool = Field(False, description="without a base, done beside open: carry done")
    on_conflict: ConflictSettings = Field(default_factory=ConflictSettings)
    guard: GuardSettings = Field(default_factory=GuardSettings)
    owner: str = Field("", pattern=r"^\S*$", description="default: the source's host and repository id")
    allow_public: bool = Field(False, description="a private source may have a public tracker")
    roadmap_size_limit: int = Field(5 * 1024 * 1024, ge=1024, description="bytes")
    schedule: ScheduleSettings | None = Field(None, description="instead of serve.schedule, as a whole")
    write_back: Literal["auto", "commit", "request"] = Field(
        "auto",
        description="edits reach the branch by a commit, by one rolling pull or merge request, or by "
        "whichever of them its rules allow",
    )
    write_back_branch: str = Field(
        "syncer/{branch}", min_length=1, description="of that request; {branch} is the one it is merged into"
    )
    auto_merge: bool = Field(False, description="let the forge merge that request when its rules allow")
    skip_ci: bool = Field(False, description="direct commits start no pipeline; never on a request")
    status_issue: bool = Field(
        False, description="one issue on the first tracker says what needs a person; its boxes decide"
    )
    create_grace: float = Field(
        600.0, ge=0, description="seconds for which a create without an answer is looked for"
    )
    confidential: bool = Field(
        False, description="new issues are shown to members of the project only (GitLab)"
    )
    batch_creates: bool = Field(
        False, description="create up to ten issues in one request, where the forge can do that (GitHub)"
    )

    @field_validator("roadmaps")
    @classmethod
    def _relative(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            if not pattern or pattern.startswith("/") or "\\" in pattern or ".." in pattern.split("/"):
                raise ValueError("a roadmap is a path from the repository's root, without `..`")
        return patterns

    @field_validator("mirrors")
    @classmethod
    def _of_roadmaps(cls, mirrors: dict[str, str]) -> dict[str, str]:
        cls._relative([*mirrors, *mirrors.values()])
        if set("".join(mirrors)) & set("*?["):
            raise ValueError("a mirror is one file, not a pattern")
        if set(mirrors) & set(mirrors.values()):
            raise ValueError("a mirror cannot be mirrored")
        return mirrors

    @field_validator("repository")
    @classmethod
    def _full(cls, repository: str) -> str:
        if "/" not in repository.strip("/") or "://" in repository:
            raise ValueError("a repository is written as owner/name")
        return repository.strip("/")

    @field_validator("source")
    @classmethod
    def _known(cls, source: str) -> str:
        if source in ("forge", "worktree"):
            return source
        scheme = re.match(r"(https?|ssh|file)://", source)
        if scheme is None and not re.match(r"[^@/:\s]+@[^/:\s]+:[^\s]+$", source):
            raise ValueError("is neither `forge`, nor `worktree`, nor the address of a git remote")
        if re.match(r"https?://[^/]*:[^/]*@", source):
            raise ValueError("contains a password; it belongs into the forge's token")
        return source


class Settings(BaseSettings):
    """Everything that can be configured."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        hide_input_in_errors=True,
        frozen=True,
    )

    state: StateSettings = Field(default_factory=StateSettings)
    forges: dict[Name, ForgeSettings] = Field(default_factory=dict)
    projects: dict[Name, ProjectSettings] = Field(default_factory=dict)
    serve: ServeSettings = Field(default_factory=ServeSettings)
    notifications: NotificationSettings = Field(default_factory=NotificationSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over secrets over the file; no ``.env`` file is ever read."""
        del dotenv_settings, file_secret_settings
        sources: list[PydanticBaseSettingsSource] = [env_settings]
        directory = secrets_directory()
        if directory is not None:
            sources.append(
                NestedSecretsSettingsSource(
                    env_settings, secrets_dir=directory, secrets_prefix="", secrets_nested_delimiter=NESTED
                )
            )
        written = init_settings()
        return (*(_Renamed(settings_cls, source, written) for source in sources), init_settings)

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        for name, project in self.projects.items():
            for forge in [project.forge, *(tracker.forge for tracker in project.trackers)]:
                if forge not in self.forges:
                    known = ", ".join(sorted(self.forges)) or "none"
                    raise ValueError(f"projects.{name}: there is no forge {forge!r} (known: {known})")
        kept: dict[str, str] = {}
        for name in sorted(self.projects):
            ref = self.state.ref(name)
            if ref and not _REF.fullmatch(ref):
                raise ValueError(f"projects.{name}: a name that ends so, or has `..`, is no part of a ref")
            if ref and ref in kept:
                raise ValueError(
                    f"state.url: projects.{kept[ref]} and projects.{name} would share {ref}; "
                    "write {project} into it"
                )
            kept[ref] = name
        for left, right, path, tracker in _claims(self.projects):
            raise ValueError(
                f"projects.{left} and projects.{right} both claim {path} for the tracker {tracker}"
            )
        return self


class _Renamed(PydanticBaseSettingsSource):
    """Variables under the names that the file has: they cannot hold the hyphens and dots of ``my-forge``.

    Args:
        source: yields ``my_forge``.
        written: what stands in the file.
    """

    def __init__(
        self,
        settings_cls: type[BaseSettings],
        source: PydanticBaseSettingsSource,
        written: Mapping[str, Any],
    ) -> None:
        super().__init__(settings_cls)
        self._source, self._written = source, written

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return self._source.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        found = self._source()
        for table in ("forges", "projects"):
            values, names = found.get(table), self._written.get(table)
            if isinstance(values, dict) and isinstance(names, dict):
                spoken = {re.sub(r"[^a-z0-9]", "_", str(name)): str(name) for name in names}
                found[table] = {
                    name if name in names else spoken.get(name, name): value for name, value in values.items()
                }
        return found


def trackers_of(project: ProjectSettings) -> list[TrackerSettings]:
    """A project's trackers; the issues of its own repository where none are named."""
    return project.trackers or [TrackerSettings(forge=project.forge, repository=project.repository)]


def find_file(given: Path | None) -> Path:
    """The configuration's file.

    Args:
        given: by the command line; else the environment, else the working directory is asked.

    Raises:
        ConfigError: there is none.
    """
    named = given or (Path(value) if (value := os.environ.get("SYNCER_CONFIG")) else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError("there is no such file", where=str(named), next_step="check --config")
        return named
    for name in FILE_NAMES:
        if Path(name).is_file():
            return Path(name)
    raise ConfigError(
        f"no configuration was found: looked for {', '.join(FILE_NAMES)}",
        where=str(Path.cwd()),
        next_step="write one (see config/syncer.example.toml), or name it with --config",
    )


def load(path: Path) -> Settings:
    """Read a configuration.

    Args:
        path: of a TOML or YAML file.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; every mistake is named.
    """
    return settings_from(_read(path), str(path))


def settings_from(data: dict[str, Any], where: str) -> Settings:
    """Check a configuration's data, with environment and secrets over it.

    Args:
        data: as a file yields it.
        where: the file, for messages.
    """
    next_step = "`syncer config schema` lists every key"
    # The library takes options for itself from keys such as `_env_file`.
    problems = [f"{key}: is no setting" for key in data if not isinstance(key, str) or key.startswith("_")]
    problems += unknown_variables(Settings)
    if problems:
        raise ConfigError("; ".join(problems), where=where, next_step=next_step)
    try:
        return Settings(**data)
    except ValidationError as error:
        problems = list(mistakes(error, Settings, secrets_directory()))
        raise ConfigError("; ".join(problems), where=where, next_step=next_step) from None
    except SettingsError as error:
        raise ConfigError(unreadable(error), where="the environment", next_step=next_step) from None


def load_tolerantly(path: Path) -> tuple[Settings, dict[str, str]]:
    """Read a configuration, leaving out projects that are wrong in themselves.

    For the daemon: one project's mistake must not end the others.

    Args:
        path: of a TOML or YAML file.

    Returns:
        The configuration, and what is wrong with each project that is not in it.

    Raises:
        ConfigError: something else is wrong, or projects contradict each other.
    """
    data = _read(path)
    try:
        return settings_from(data, str(path)), {}
    except ConfigError as whole:
        projects = data.get("projects")
        if not isinstance(projects, dict):
            raise
        settings_from({**data, "projects": {}}, str(path))
        broken: dict[str, str] = {}
        for name, project in projects.items():
            try:
                settings_from({**data, "projects": {name: project}}, str(path))
            except ConfigError as error:
                broken[str(name)] = error.what
        if not broken:
            raise whole from None
        good = {name: project for name, project in projects.items() if str(name) not in broken}
        return settings_from({**data, "projects": good}, str(path)), broken


def secrets_directory() -> Path | None:
    """Where secrets are mounted as files: ``forges__main__token`` holds one token."""
    for name in (os.environ.get("SYNCER_SECRETS_DIR", ""), *_SECRETS_DIRECTORIES):
        if name and Path(name).is_dir():
            return Path(name)
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if path.suffix in (".yaml", ".yml"):
        return _read_yaml(path, raw)
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError("is not UTF-8", where=f"{path}:{line}", next_step="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at line ")
        where = f"{path}:{place.partition(',')[0]}" if place else str(path)
        raise ConfigError(
            f"is no TOML: {what}",
            where=where,
            next_step="texts stand in quotation marks, [tables] in brackets",
        ) from None


def _read_yaml(path: Path, raw: bytes) -> dict[str, Any]:
    import yaml

    try:
        data = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        raise ConfigError("is no YAML", where=where) from None
    if not isinstance(data, dict):
        raise ConfigError("holds no settings", where=str(path))
    return data


def _userinfo(url: str) -> tuple[str, str]:
    """User and password of an address, as they are written there."""
    before, at, _host = url.partition("://")[2].partition("/")[0].rpartition("@")
    user, _, password = before.partition(":")
    return (user, password) if at else ("", "")


def secrets_in(value: object) -> Iterator[str]:
    """Every secret of a configuration, wherever it stands, for whoever has to hide them."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        if isinstance(value, StateSettings):
            yield from value.passwords
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from secrets_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from secrets_in(each)


def _claims(projects: dict[str, ProjectSettings]) -> Iterator[tuple[str, str, str, str]]:
    """Pairs of projects that would manage the same file on the same tracker."""
    names = sorted(projects)
    for at, left in enumerate(names):
        for right in names[at + 1 :]:
            one, other = projects[left], projects[right]
            if (one.forge, one.repository) != (other.forge, other.repository):
                continue
            if one.branch != other.branch and one.owner != other.owner:
                # The same file of two branches, told apart by the owner in the markers.
                continue
            mine = {(each.forge, each.repository) for each in trackers_of(one)}
            theirs = {(each.forge, each.repository) for each in trackers_of(other)}
            shared = sorted(mine & theirs)
            path = _same_file(one.roadmaps, other.roadmaps)
            if shared and path is not None:
                yield left, right, path, ":".join(shared[0])


def _same_file(one: list[str], other: list[str]) -> str | None:
    for left in one:
        for right in other:
            if left == right or fnmatchcase(left, right) or fnmatchcase(right, left):
                return left if not set(left) & set("*?[") else right
    return None


def schema_text() -> str:
    """The JSON schema of the configuration, as it is shipped in ``config/schema.json``."""
    schema = Settings.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "syncer configuration"
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
