"""What is shipped for operators is checked as far as it can run here.

Every ``syncer`` command line parses, every ``SYNCER_`` variable is a setting, every file that is copied
exists, and each format's own checker is content.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml
from pydantic import BaseModel

from syncer.cli import cli
from syncer.serving_settings import ServeSettings
from syncer.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
FILES = [*sorted(path for path in DEPLOY.rglob("*") if path.is_file()), ROOT / "Dockerfile"]
YAML = [path for path in FILES if path.suffix in (".yaml", ".yml")]
HADOLINT = Path(sys.executable).parent / "hadolint"
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))
NOT_SETTINGS = {"SYNCER_CONFIG", "SYNCER_LOG_LEVEL", "SYNCER_SECRETS_DIR", "SYNCER_VERSION"}
"""Variables that are read elsewhere, or belong to a template itself."""

_CALL = re.compile(
    r"(?:^\s*(?:- |ExecStart=/opt/syncer/bin/)?|\) )(syncer (?:[a-z-]+)[^;|#\n]*)", re.MULTILINE
)


def _documents(path: Path) -> list[Any]:
    return [each for each in yaml.safe_load_all(path.read_text()) if each is not None]


def _command_lines() -> Iterator[tuple[str, list[str]]]:
    """Every call of syncer: in shell lines and units, and as ``command`` or ``args`` of containers."""
    for path in FILES:
        where = str(path.relative_to(ROOT))
        lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
        for found in _CALL.finditer("\n".join(lines)):
            yield where, shlex.split(found[1])[1:]
        if path in YAML:
            for document in _documents(path):
                yield from ((where, each) for each in _container_arguments(document))


def _container_arguments(value: Any) -> Iterator[list[str]]:
    if isinstance(value, dict):
        if "image" in value:
            for key in ("command", "args"):
                if isinstance(value.get(key), list) and "syncer" in str(value["image"]):
                    yield [str(each) for each in value[key]]
        for each in value.values():
            yield from _container_arguments(each)
    elif isinstance(value, list):
        for each in value:
            yield from _container_arguments(each)


@pytest.mark.parametrize(
    ("where", "arguments"),
    [
        pytest.param(*each, id=f"{each[0]}-{' '.join(each[1])}")
        for each in dict.fromkeys((where, tuple(arguments)) for where, arguments in _command_lines())
    ],
)
def test_every_command_line_parses(where: str, arguments: tuple[str, ...]) -> None:
    command: click.Command = cli
    left, context = list(arguments), click.Context(cli)
    while isinstance(command, click.Group):
        name, found, left = command.resolve_command(context, left)
        assert found is not None, (where, name)
        command, context = found, click.Context(found, parent=context, info_name=name)

    command.make_parser(context).parse_args(left)
    command.make_context(context.info_name, left, parent=context.parent)


def test_the_command_lines_are_found() -> None:
    found = {where: arguments[0] for where, arguments in _command_lines()}

    assert found["deploy/systemd/syncer.service"] == "serve"
    assert found["deploy/kubernetes/base/deployment.yaml"] == "serve"
    assert found["deploy/kubernetes/cronjob/cronjob.yaml"] == "run"
    assert {"deploy/compose.yaml", "deploy/gitlab-ci/syncer.yml", "deploy/github-action/action.yml"} <= set(
        found
    )


def _variables() -> list[str]:
    found: set[str] = set()
    for path in FILES:
        found.update(re.findall(r"SYNCER_[A-Z0-9_]+", path.read_text()))
    return sorted(name for name in found if not name.endswith("__") and name not in NOT_SETTINGS)


@pytest.mark.parametrize("name", _variables())
def test_every_variable_is_a_setting(name: str) -> None:
    model: Any = Settings
    for part in name.removeprefix("SYNCER_").lower().split("__"):
        if isinstance(model, type) and issubclass(model, BaseModel):
            assert part in model.model_fields, name
            model = model.model_fields[part].annotation
        else:  # a table by names: forges and projects
            model = model.__args__[1]


def test_every_file_that_the_image_copies_exists_and_is_let_through() -> None:
    sources = [
        word
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from=" not in line
        for word in line.split()[1:-1]
    ]
    admitted = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }

    assert sources
    assert {source.removeprefix("./") for source in sources} == admitted
    assert all((ROOT / source).exists() for source in sources)


def test_the_image_runs_as_nobody_special_from_a_pinned_base() -> None:
    text = (ROOT / "Dockerfile").read_text()

    assert re.search(r"^ARG BASE=python:3\.11\.\d+-slim-[a-z]+$", text, re.MULTILINE)
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert re.findall(r"^FROM (.*?)(?: AS \w+)?$", text, re.MULTILINE) == ["${BASE}", "${BASE}"]
    assert f":{ServeSettings().listen.rpartition(':')[2]}/healthz" in text


@pytest.mark.skipif(
    shutil.which("hadolint", path=str(Path(sys.executable).parent)) is None, reason="not here"
)
def test_the_dockerfile_has_nothing_to_complain_about() -> None:
    done = subprocess.run([HADOLINT, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("path", YAML, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_yaml_is_yaml_without_doubled_keys(path: Path) -> None:
    class Strict(yaml.SafeLoader):
        """Refuses what YAML forbids and PyYAML forgives."""

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
        keys = [
            loader.construct_object(key) for key, _value in node.value if key.tag != "tag:yaml.org,2002:merge"
        ]
        assert len(keys) == len(set(keys)), (path, keys)
        loader.flatten_mapping(node)
        return loader.construct_mapping(node, deep=True)

    Strict.add_constructor("tag:yaml.org,2002:map", mapping)

    assert list(yaml.load_all(path.read_text(), Loader=Strict))


@pytest.mark.parametrize(
    "path",
    [path for path in YAML if "kubernetes" in path.parts and path.name != "kustomization.yaml"],
    ids=lambda path: path.name,
)
def test_manifests_fit_the_schema_of_kubernetes(path: Path) -> None:
    for document in _documents(path):
        kubernetes_validate.validate(document, "1.31", strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
@pytest.mark.parametrize(("variant", "kind"), [("base", "Deployment"), ("cronjob", "CronJob")])
def test_kustomize_renders_both_variants(variant: str, kind: str) -> None:
    done = subprocess.run(
        ["kubectl", "kustomize", DEPLOY / "kubernetes" / variant], capture_output=True, text=True, check=True
    )

    documents = list(yaml.safe_load_all(done.stdout))
    assert {"Deployment", "CronJob"} & {each["kind"] for each in documents} == {kind}
    for document in documents:
        kubernetes_validate.validate(document, "1.31", strict=True)
    (configuration,) = [each for each in documents if each["kind"] == "ConfigMap"]
    assert f"name: {configuration['metadata']['name']}" in done.stdout.split("kind: ConfigMap")[1]


def test_pods_and_containers_get_no_more_than_they_need() -> None:
    pods = [
        _documents(DEPLOY / "kubernetes/base/deployment.yaml")[0]["spec"]["template"]["spec"],
        _documents(DEPLOY / "kubernetes/cronjob/cronjob.yaml")[0]["spec"]["jobTemplate"]["spec"]["template"][
            "spec"
        ],
    ]
    for pod in pods:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
    for path in COMPOSE:
        for service in _documents(path)[0]["services"].values():
            if str(service["image"]).startswith("syncer"):
                assert service["read_only"] is True
                assert service["cap_drop"] == ["ALL"]
            assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_every_runtime_waits_longer_than_the_daemon_may_take() -> None:
    grace = ServeSettings().grace
    pod = _documents(DEPLOY / "kubernetes/base/deployment.yaml")[0]["spec"]["template"]["spec"]
    unit = (DEPLOY / "systemd/syncer.service").read_text()
    stops = [
        pod["terminationGracePeriodSeconds"],
        int(re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0]),
    ]
    stops += [
        int(service["stop_grace_period"].removesuffix("s"))
        for path in COMPOSE
        for service in _documents(path)[0]["services"].values()
        if str(service["image"]).startswith("syncer")
    ]

    assert min(stops) > grace + 5


def test_compose_refers_only_to_what_it_defines() -> None:
    for path in COMPOSE:
        document = _documents(path)[0]
        for service in document["services"].values():
            for kind in ("secrets", "configs"):
                used = {each if isinstance(each, str) else each["source"] for each in service.get(kind, [])}
                assert used <= set(document[kind])
            volumes = {each.partition(":")[0] for each in service.get("volumes", [])}
            assert volumes <= set(document["volumes"])
            assert set(service.get("depends_on", {})) <= set(document["services"])
            context = service.get("build", {}).get("context")
            assert context is None or (DEPLOY / context / "Dockerfile").is_file()


@pytest.mark.parametrize("path", ["syncer.toml", "kubernetes/base/syncer.toml"])
def test_the_shipped_configuration_is_one(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SYNCER_SECRETS_DIR", "SYNCER_FORGES__MAIN__TOKEN"):
        monkeypatch.delenv(name, raising=False)

    settings = load(DEPLOY / path)

    assert (DEPLOY / path).read_text() == (DEPLOY / "syncer.toml").read_text()
    assert settings.serve.listen.startswith("0.0.0.0:")
    assert str(settings.forges["main"].token_file) == "/run/secrets/forge_token"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("unit", ["syncer.service", "syncer-run.service", "syncer-run.timer"])
def test_systemd_has_nothing_to_complain_about(unit: str, tmp_path: Path) -> None:
    # The program is not installed where the units expect it; any other that exists will do.
    for path in (DEPLOY / "systemd").iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/syncer/bin/syncer", "/bin/true"))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", tmp_path / unit],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout + done.stderr == ""


def test_inputs_of_the_action_never_become_shell() -> None:
    action = _documents(DEPLOY / "github-action/action.yml")[0]

    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
