from __future__ import annotations

import pytest

from syncer.errors import Garbled, UnknownFate
from syncer.forges.reply import decoded, same_host

BASE = "https://forge.example.org/api/v3"


def following(link: str, base: str = BASE) -> str:
    return decoded(f"{base}/x", 200, {"Link": link}, "[]", base=base, where="GET /x", write=False).next


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f'<{BASE}/x?b=2&a=1&c=>; rel="next"', f"{BASE}/x?b=2&a=1&c="),
        (f'<{BASE}/x?page=1>; rel="prev", <{BASE}/x?page=3>; rel="next"', f"{BASE}/x?page=3"),
        (f'<{BASE}/x?page=9>; rel="last"', ""),
        (f"<{BASE}/x?page=2>; rel=next", f"{BASE}/x?page=2"),
        (f'<{BASE}/x?labels=a,b&page=2>; rel="next", <{BASE}/x>; rel="first"', f"{BASE}/x?labels=a,b&page=2"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_next_page_is_followed_to_the_letter(link: str, expected: str) -> None:
    """Links are taken as they are: not sorted, not re-encoded, empty parameters kept."""
    assert expected == following(link)


@pytest.mark.parametrize(
    ("base", "target", "expected"),
    [
        (
            "http://10.0.0.1:8080/api/v4",
            "https://gitlab.example.org/api/v4/projects/1/issues?page=2",
            "http://10.0.0.1:8080/api/v4/projects/1/issues?page=2",
        ),
        (
            "http://10.0.0.1/gitlab/api/v4",
            "https://gitlab.example.org/api/v4/projects/1/issues?cursor=a%3D",
            "http://10.0.0.1/gitlab/api/v4/projects/1/issues?cursor=a%3D",
        ),
        (
            "https://api.github.com",
            "https://github.com/repositories/7/issues",
            "https://api.github.com/repositories/7/issues",
        ),
    ],
)
def test_a_next_page_on_another_name_of_the_host_is_mapped(base: str, target: str, expected: str) -> None:
    """The credential goes to the configured host, whatever the forge believes its name to be."""
    assert expected == following(f'<{target}>; rel="next"', base)


def test_a_next_page_that_is_no_api_is_refused() -> None:
    """An address that cannot be mapped is not followed."""
    with pytest.raises(Garbled):
        following('<https://evil.example/steal?x=1>; rel="next"')


def test_broken_json_is_garbled_for_a_read_and_of_unknown_fate_for_a_write() -> None:
    """The cheap look of the transport lets some broken JSON through; parsing decides."""
    with pytest.raises(Garbled):
        decoded(f"{BASE}/x", 200, {}, '{"a": ]}', base=BASE, where="GET /x", write=False)
    with pytest.raises(UnknownFate):
        decoded(f"{BASE}/x", 201, {}, '{"a": ]}', base=BASE, where="POST /x", write=True)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (f"{BASE}/repositories/7", f"{BASE}/repositories/7"),
        ("/api/v3/repositories/7", f"{BASE}/repositories/7"),
        ("https://evil.example/api/v3/repositories/7", ""),
        ("http://forge.example.org/api/v3/repositories/7", ""),
        ("//evil.example/x", ""),
        ("", ""),
    ],
)
def test_a_redirect_is_only_looked_at_on_its_own_host(location: str, expected: str) -> None:
    """Another host, or the same without encryption, is no place to go."""
    assert expected == same_host(location, BASE)
