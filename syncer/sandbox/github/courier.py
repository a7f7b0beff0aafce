"""GitHub's webhooks: payloads, headers, signatures.

A payload is built at the moment something happens, from the state of that moment, and handed to the
courier once per hook that wants the event.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from syncer.sandbox import history
from syncer.sandbox.forge import Forge
from syncer.sandbox.git import Commit
from syncer.sandbox.github.render.issues import comment, issue, label, milestone
from syncer.sandbox.github.render.people import account
from syncer.sandbox.github.render.pulls import full_pull
from syncer.sandbox.github.render.repositories import full_repository, repository
from syncer.sandbox.github.times import shown
from syncer.sandbox.github.view import Json, View
from syncer.sandbox.happenings import Happening
from syncer.sandbox.hooks import Courier, Hook, Parcel
from syncer.sandbox.people import Group
from syncer.sandbox.repository import NOTHING, Repository

LARGEST = 25 * 1024 * 1024
MOST_COMMITS = 2048


class GitHubHooks:
    """Turns happenings into deliveries."""

    def __init__(self, forge: Forge, courier: Courier, base: str) -> None:
        self._forge = forge
        self._courier = courier
        self._view = View(base, "")

    def __call__(self, happening: Happening) -> None:
        """Deliver to every hook of the repository that wants to know."""
        wanted = [
            hook
            for hook in happening.repository.hooks.values()
            if hook.active and (happening.topic in hook.events or "*" in hook.events)
        ]
        if not wanted:
            return
        payload = self._payload(happening)
        for hook in wanted:
            self._send(hook, happening.repository, happening.topic, happening.action, payload)

    def ping(self, hook: Hook, home: Repository, rendered: Json) -> None:
        """Say hello to a new hook."""
        payload = {
            "zen": "Keep it logically awesome.",
            "hook_id": hook.id,
            "hook": rendered,
            "repository": repository(self._view, home),
            "sender": account(self._view, home.creator),
        }
        self._send(hook, home, "ping", "", payload)

    def test(self, hook: Hook, home: Repository) -> None:
        """Deliver the newest push again, as the test button does."""
        head = home.head()
        if head is None or "push" not in hook.events:
            return
        payload = self._push(home, f"refs/heads/{home.default_branch}", NOTHING, head, forced=False)
        self._send(
            hook, home, "push", "", {**payload, **self._frame(home, account(self._view, home.creator))}
        )

    def again(self, parcel: Parcel) -> None:
        """Deliver something once more, under the same delivery id."""
        self._courier.send(replace(parcel, redelivery=True), self._forge.settings.hook_timeout)

    def _send(self, hook: Hook, home: Repository, event: str, action: str, payload: Json) -> None:
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        form = hook.content_type == "form"
        body = (urlencode({"payload": text}) if form else text).encode()
        if len(body) > LARGEST:
            return
        guid = str(uuid.uuid4())
        headers = {
            "Accept": "*/*",
            "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
            "User-Agent": "GitHub-Hookshot/sandbox",
            "X-GitHub-Delivery": guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": str(hook.id),
            "X-GitHub-Hook-Installation-Target-ID": str(home.id),
            "X-GitHub-Hook-Installation-Target-Type": "repository",
        }
        if hook.secret:
            for name, digest in (("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")):
                signature = hmac.new(hook.secret.encode(), body, getattr(hashlib, digest)).hexdigest()
                headers[name] = f"{digest}={signature}"
        parcel = Parcel(hook, guid, event, action, headers, body, home.id)
        self._courier.send(parcel, self._forge.settings.hook_timeout)

    def _frame(self, home: Repository, sender: Json) -> Json:
        frame: Json = {"repository": full_repository(self._view, home), "sender": sender}
        if isinstance(home.owner, Group):
            frame["organization"] = account(self._view, home.owner)
        return frame

    def _payload(self, happening: Happening) -> Json:
        view, home = View(self._view.base, ""), happening.repository
        payload: Json = {"action": happening.action} if happening.action else {}
        if happening.push is not None:
            push = happening.push
            payload.update(self._push(home, push.ref, push.before, push.after, forced=push.forced))
            payload["pusher"] = {"name": happening.actor.login, "email": happening.actor.email}
        if happening.issue is not None and happening.topic == "pull_request":
            payload["number"] = happening.issue.number
            payload["pull_request"] = full_pull(view, happening.issue)
        elif happening.issue is not None and happening.topic != "sub_issues":
            payload["issue"] = issue(view, happening.issue, single=True)
        if happening.topic == "sub_issues" and happening.issue is not None and happening.other is not None:
            child_first = happening.action.startswith("parent")
            child, parent = (
                (happening.issue, happening.other) if child_first else (happening.other, happening.issue)
            )
            payload["sub_issue_id"], payload["sub_issue"] = child.id, issue(view, child)
            payload["parent_issue_id"], payload["parent_issue"] = parent.id, issue(view, parent)
        elif happening.other is not None:
            payload["changes"] = {
                "new_issue": issue(view, happening.other),
                "new_repository": repository(view, happening.other.repository),
            }
        if happening.milestone is not None:
            payload["milestone"] = milestone(view, home, happening.milestone)
        if happening.label is not None:
            payload["label"] = label(view, home, happening.label)
        if happening.comment is not None and happening.issue is not None:
            payload["comment"] = comment(view, happening.issue, happening.comment)
        changes = _changes(happening)
        if changes:
            payload["changes"] = changes
        return {**payload, **self._frame(home, account(view, happening.actor))}

    def _push(self, home: Repository, ref: str, before: str, after: str, *, forced: bool) -> Json:
        store = home.store
        known = history.ancestors(store, before) if before in store.commits else set()
        commits: list[Json] = []
        if after in store.commits:
            fresh = [entry for entry in history.log(store, after) if entry.sha not in known]
            commits = [self._commit(home, entry) for entry in reversed(fresh[:MOST_COMMITS])]
        return {
            "ref": ref,
            "before": before,
            "after": after,
            "created": before == NOTHING,
            "deleted": after == NOTHING,
            "forced": forced,
            "base_ref": None,
            "compare": f"{self._view.web(home)}/compare/{before[:12]}...{after[:12]}",
            "commits": commits,
            "head_commit": commits[-1] if commits else None,
            "pusher": {"name": home.creator.login, "email": home.creator.email},
        }

    def _commit(self, home: Repository, value: Commit) -> Json:
        found = history.commit_changes(home.store, value)
        paths = {
            status: [change.path for change in found if change.status == status]
            for status in ("added", "removed", "modified")
        }
        person = {"name": value.author.name, "email": value.author.email}
        return {
            "id": value.sha,
            "tree_id": value.tree,
            "distinct": True,
            "message": value.message,
            "timestamp": shown(value.committer.when),
            "url": f"{self._view.web(home)}/commit/{value.sha}",
            "author": person,
            "committer": {"name": value.committer.name, "email": value.committer.email},
            **paths,
        }


def _changes(happening: Happening) -> Json:
    before = dict(happening.before)
    if happening.topic == "repository":
        path = str(before.get("path", ""))
        if happening.action == "renamed":
            return {"repository": {"name": {"from": path.rpartition("/")[2]}}}
        if happening.action == "transferred":
            return {"owner": {"from": {"organization": {"login": path.rpartition("/")[0]}}}}
        return {}
    if happening.action != "edited":
        return {}
    names = {"due": "due_on"}
    return {names.get(name, name): {"from": _former(value)} for name, value in before.items()}


def _former(value: Any) -> Any:
    if isinstance(value, datetime):
        return shown(value)
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
