"""What a first attempt with PyGithub looks like: the same jobs, one thing after the other.

It is written as such scripts are: lists as they come (30 a page), one request for each attribute that is
set, one commit for each box. Its own pauses between requests are switched off, which is in its favour.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

from tests.benchmarks.yard import REPOSITORY, Cost, Yard, roadmaps

_BOX = re.compile(r"^- \[( |x)\] (.*)$")


class Naive:
    """The script, on a yard's forge."""

    def __init__(self, place: Yard) -> None:
        # Our own connections are process-wide in PyGithub; a script of its own has the usual ones.
        Requester.injectConnectionClasses(HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass)
        self._github = Github(
            auth=Auth.Token(place.token),
            base_url=place.sandbox.url,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._place = place
        self._paths = sorted(roadmaps(place.size))

    def sync(self) -> Cost:
        """One run of the script, and what it cost."""
        self._place.sandbox.reset_counts()
        with _weighed() as weight:
            started = time.perf_counter()
            self._run()
            seconds = time.perf_counter() - started
        counts = self._place.sandbox.count("github")
        return Cost(counts.total, 0, counts.changes, weight[0], seconds)

    def _run(self) -> None:
        repository = self._github.get_repo(REPOSITORY)
        milestones = {each.title: each for each in repository.get_milestones(state="all")}
        issues = {each.title: each for each in repository.get_issues(state="all")}
        labels = {each.name for each in repository.get_labels()}
        if "roadmap" not in labels:
            repository.create_label("roadmap", "0e8a16")
        for path in self._paths:
            file: Any = repository.get_contents(path)
            stage = None
            for line in file.decoded_content.decode().splitlines():
                if line.startswith("## "):
                    stage = line.removeprefix("## ")
                    if stage not in milestones:
                        milestones[stage] = repository.create_milestone(stage)
                box = _BOX.match(line)
                if box is None:
                    continue
                issue = issues.get(box[2])
                if issue is None and box[1] == " " and stage is not None:
                    issue = repository.create_issue(box[2])
                    issue.edit(milestone=milestones[stage])
                    issue.add_to_labels("roadmap")
                elif issue is not None and issue.state == "closed" and box[1] == " ":
                    now: Any = repository.get_contents(path)
                    text = now.decoded_content.decode().replace(line, line.replace("[ ]", "[x]"))
                    repository.update_file(path, f"Tick {box[2]}", text, now.sha)


@contextmanager
def _weighed() -> Iterator[list[int]]:
    """Counts the bytes of all bodies that go through requests."""
    weight = [0]
    before = requests.Session.send

    def send(self: requests.Session, request: requests.PreparedRequest, **values: Any) -> requests.Response:
        response = before(self, request, **values)
        weight[0] += len(request.body or b"") + len(response.content)
        return response

    requests.Session.send = send  # type: ignore[method-assign]
    try:
        yield weight
    finally:
        requests.Session.send = before  # type: ignore[method-assign]
