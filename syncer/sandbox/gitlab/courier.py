"""GitLab's webhooks: payloads, headers, signatures, and how a failing hook is switched off."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

from syncer.sandbox import history, merging
from syncer.sandbox.forge import Forge
from syncer.sandbox.git import Commit
from syncer.sandbox.gitlab.times import in_commit
from syncer.sandbox.gitlab.view import Json, View
from syncer.sandbox.happenings import Happening
from syncer.sandbox.hooks import Courier, Delivery, Hook, Parcel
from syncer.sandbox.issues import Issue, Label, Milestone
from syncer.sandbox.people import User
from syncer.sandbox.repository import NOTHING, Repository

LISTED_COMMITS = 20
FAILURES_BEFORE_PAUSE = 3
FAILURES_BEFORE_END = 40
LONGEST_PAUSE = timedelta(hours=24)

_ACTIONS = {"opened": "open", "closed": "close", "reopened": "reopen"}
_EVENTS = {
    "issues": ("issues", "Issue Hook"),
    "pull_request": ("merge_requests", "Merge Request Hook"),
    "issue_comment": ("note", "Note Hook"),
    "milestone": ("milestone", "Milestone Hook"),
    "push": ("push", "Push Hook"),
}


class GitLabHooks:
    """Turns happenings into deliveries."""

    def __init__(self, forge: Forge, courier: Courier, base: str) -> None:
        self._forge = forge
        self._courier = courier
        self._view = View(base)
        courier.done = self.delivered

    def __call__(self, happening: Happening) -> None:
        """Deliver to every hook of the project that wants to know."""
        if happening.topic not in _EVENTS:
            return
        flag, event = _EVENTS[happening.topic]
        confidential = happening.issue is not None and happening.issue.confidential
        if flag == "issues" and confidential:
            flag = "confidential_issues"
        hooks = [
            hook for hook in happening.repository.hooks.values() if flag in hook.events and self._able(hook)
        ]
        if not hooks:
            return
        payload = self._payload(happening)
        if payload is None:
            return
        chain = str(uuid.uuid4())
        for hook in hooks:
            self.send(hook, happening.repository, event, happening.action, payload, chain)

    def send(
        self, hook: Hook, project: Repository, event: str, action: str, payload: Json, chain: str = ""
    ) -> None:
        """Hand one payload over for one hook."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        key = str(uuid.uuid4())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/sandbox",
            "Idempotency-Key": key,
            "X-Gitlab-Event": event,
            "X-Gitlab-Instance": self._view.base,
            "X-Gitlab-Webhook-UUID": str(uuid.uuid4()),
            "X-Gitlab-Event-UUID": chain or str(uuid.uuid4()),
        }
        if hook.secret:
            headers["X-Gitlab-Token"] = hook.secret
        if hook.signing_token:
            headers.update(self._signature(hook, key, body))
        self._courier.send(
            Parcel(hook, key, event, action, headers, body, project.id), self._forge.settings.hook_timeout
        )

    def again(self, parcel: Parcel) -> None:
        """Deliver something once more, under the same idempotency key."""
        self._courier.send(replace(parcel, redelivery=True), self._forge.settings.hook_timeout)

    def delivered(self, delivery: Delivery) -> None:
        """Count failures: more than three in a row pause the hook, forty end it, a success forgives."""
        hook = delivery.parcel.hook
        hook.deliveries.append(delivery)
        if delivery.ok or 300 <= delivery.status < 400:
            hook.failures, hook.disabled_until = 0, None
            return
        hook.failures += 1
        if hook.failures >= FAILURES_BEFORE_END:
            hook.active, hook.disabled_until = False, None
        elif hook.failures > FAILURES_BEFORE_PAUSE:
            pause = timedelta(minutes=1) * 2 ** (hook.failures - FAILURES_BEFORE_PAUSE - 1)
            hook.disabled_until = self._forge.clock.now() + min(pause, LONGEST_PAUSE)

    def example(self, project: Repository, trigger: str) -> tuple[str, Json] | None:
        """An event and its payload for the test button; ``None`` where there is nothing to show."""
        head = project.head()
        if trigger == "push" and head is not None:
            ref = f"refs/heads/{project.default_branch}"
            return "Push Hook", self._push(project, project.creator, ref, NOTHING, head)
        issue = next((entry for entry in project.issues.values() if not entry.gone), None)
        if trigger == "issues" and issue is not None:
            return "Issue Hook", self._issue(
                Happening("issues", "opened", project, project.creator, issue), issue
            )
        return None

    def _able(self, hook: Hook) -> bool:
        paused = hook.disabled_until is not None and self._forge.clock.now() < hook.disabled_until
        return hook.active and not paused

    def _signature(self, hook: Hook, key: str, body: bytes) -> dict[str, str]:
        stamp = str(int(self._forge.clock.now().timestamp()))
        secret = base64.b64decode(hook.signing_token.removeprefix("whsec_"))
        digest = hmac.new(secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
        return {
            "webhook-id": key,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }

    def _payload(self, happening: Happening) -> Json | None:
        project = happening.repository
        if happening.push is not None:
            push = happening.push
            return self._push(project, happening.actor, push.ref, push.before, push.after)
        if happening.milestone is not None and happening.topic == "milestone":
            return self._milestone(happening, happening.milestone)
        if happening.issue is None:
            return None
        if happening.topic == "issue_comment":
            return self._note(happening, happening.issue)
        return self._issue(happening, happening.issue)

    def _issue(self, happening: Happening, issue: Issue) -> Json:
        kind = "merge_request" if issue.pull is not None else "work_item" if issue.type == "task" else "issue"
        attributes = {
            "id": issue.id if issue.pull is None else issue.pull.id,
            "iid": issue.number,
            "project_id": issue.repository.id,
            "author_id": issue.author.id,
            "assignee_ids": [user.id for user in issue.assignees],
            "assignee_id": issue.assignees[0].id if issue.assignees else None,
            "title": issue.title,
            "description": issue.body,
            "state": "closed" if issue.closed else "opened",
            "state_id": 2 if issue.closed else 1,
            "milestone_id": issue.milestone.id if issue.milestone else None,
            "confidential": issue.confidential,
            "discussion_locked": issue.locked or None,
            "created_at": _hook_time(issue.created_at),
            "updated_at": _hook_time(issue.updated_at),
            "closed_at": _hook_time(issue.closed_at) if issue.closed_at else None,
            "due_date": issue.due.isoformat() if issue.due else None,
            "moved_to_id": issue.moved_to.id if issue.moved_to else None,
            "duplicated_to_id": issue.duplicate_of.id if issue.duplicate_of else None,
            "weight": issue.weight,
            "type": issue.type.title(),
            "url": self._view.issue_web(issue),
            "labels": [_label(issue, label) for label in issue.labels],
            "action": _ACTIONS.get(happening.action, "update"),
        }
        if issue.pull is not None:
            parts = merging.parts(issue)
            attributes.update(
                {
                    "source_branch": parts.head,
                    "target_branch": parts.base,
                    "state": "merged" if parts.merged_at else attributes["state"],
                    "last_commit": {"id": parts.head_sha},
                    "action": "merge" if parts.merged_at else attributes["action"],
                }
            )
        return {
            "object_kind": kind,
            "event_type": "confidential_issue" if issue.confidential else kind,
            "user": self._user(happening.actor),
            "project": self._project(issue.repository),
            "object_attributes": attributes,
            "labels": attributes["labels"],
            "changes": {
                name: {"previous": _plain(value), "current": _plain(_current(issue, name))}
                for name, value in happening.before.items()
            },
            "repository": self._repository(issue.repository),
            "assignees": [self._user(user) for user in issue.assignees],
        }

    def _note(self, happening: Happening, issue: Issue) -> Json:
        said = happening.comment
        attributes: Json = {
            "id": said.id if said is not None else None,
            "note": said.body if said is not None else "",
            "noteable_type": "Issue" if issue.pull is None else "MergeRequest",
            "noteable_id": issue.id,
            "author_id": happening.actor.id,
            "project_id": issue.repository.id,
            "system": bool(said is not None and said.system),
            "created_at": _hook_time(happening.repository.forge.clock.now()),
            "url": self._view.issue_web(issue),
            "action": "create",
        }
        about = self._issue(happening, issue)["object_attributes"]
        return {
            "object_kind": "note",
            "event_type": "note",
            "user": self._user(happening.actor),
            "project_id": issue.repository.id,
            "project": self._project(issue.repository),
            "object_attributes": attributes,
            "repository": self._repository(issue.repository),
            ("issue" if issue.pull is None else "merge_request"): about,
        }

    def _milestone(self, happening: Happening, milestone: Milestone) -> Json:
        actions = {"created": "create", "closed": "close", "opened": "reopen"}
        return {
            "object_kind": "milestone",
            "event_type": "milestone",
            "user": self._user(happening.actor),
            "project": self._project(happening.repository),
            "object_attributes": {
                "id": milestone.id,
                "iid": milestone.number,
                "title": milestone.title,
                "description": milestone.description or "",
                "state": "closed" if milestone.closed else "active",
                "created_at": _hook_time(milestone.created_at),
                "updated_at": _hook_time(milestone.updated_at),
                "due_date": milestone.due.isoformat() if milestone.due else None,
                "start_date": milestone.start.isoformat() if milestone.start else None,
                "project_id": happening.repository.id,
            },
            "action": actions.get(happening.action, "update"),
        }

    def _push(self, project: Repository, actor: User, ref: str, before: str, after: str) -> Json:
        store = project.store
        known = history.ancestors(store, before) if before in store.commits else set()
        fresh: list[Commit] = []
        if after in store.commits:
            fresh = [entry for entry in history.log(store, after) if entry.sha not in known]
        return {
            "object_kind": "push",
            "event_name": "push",
            "before": before,
            "after": after,
            "ref": ref,
            "ref_protected": ref.removeprefix("refs/heads/") in project.protections,
            "checkout_sha": None if after == NOTHING else after,
            "message": None,
            "user_id": actor.id,
            "user_name": actor.name,
            "user_username": actor.login,
            "user_email": "",
            "user_avatar": None,
            "project_id": project.id,
            "project": self._project(project),
            "commits": [self._commit(project, entry) for entry in reversed(fresh[:LISTED_COMMITS])],
            "total_commits_count": len(fresh),
            "push_options": {},
            "repository": self._repository(project),
        }

    def _commit(self, project: Repository, value: Commit) -> Json:
        found = history.commit_changes(project.store, value)
        return {
            "id": value.sha,
            "message": value.message,
            "title": value.headline,
            "timestamp": in_commit(value.committer.when),
            "url": f"{self._view.web(project)}/-/commit/{value.sha}",
            "author": {"name": value.author.name, "email": value.author.email},
            "added": [change.path for change in found if change.status == "added"],
            "modified": [change.path for change in found if change.status == "modified"],
            "removed": [change.path for change in found if change.status == "removed"],
        }

    def _user(self, user: User) -> Json:
        return {
            "id": user.id,
            "name": user.name,
            "username": user.login,
            "avatar_url": None,
            "email": "[REDACTED]",
        }

    def _project(self, project: Repository) -> Json:
        web = self._view.web(project)
        return {
            "id": project.id,
            "name": project.name,
            "description": project.description,
            "web_url": web,
            "avatar_url": None,
            "git_ssh_url": f"git@{web.partition('://')[2].partition('/')[0]}:{project.full_name}.git",
            "git_http_url": f"{web}.git",
            "namespace": project.namespace.rpartition("/")[2],
            "visibility_level": 0 if project.private else 20,
            "path_with_namespace": project.full_name,
            "default_branch": project.default_branch,
            "ci_config_path": None,
            "homepage": web,
            "url": f"{web}.git",
        }

    def _repository(self, project: Repository) -> Json:
        web = self._view.web(project)
        return {
            "name": project.name,
            "url": f"{web}.git",
            "description": project.description,
            "homepage": web,
            "git_http_url": f"{web}.git",
            "visibility_level": 0 if project.private else 20,
        }


def _hook_time(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _label(issue: Issue, label: Label) -> Json:
    return {
        "id": label.id,
        "title": label.name,
        "color": label.color,
        "project_id": issue.repository.id,
        "created_at": _hook_time(label.created_at),
        "updated_at": _hook_time(label.created_at),
        "template": False,
        "description": label.description,
        "type": "ProjectLabel",
        "group_id": None,
    }


def _current(issue: Issue, name: str) -> object:
    return getattr(issue, name, None)


def _plain(value: object) -> Any:
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, Milestone):
        return value.id
    if isinstance(value, tuple):
        return [getattr(entry, "login", str(entry)) for entry in value]
    return str(value)
