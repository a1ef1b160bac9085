"""Headers and policies of the hosted entry."""

import re

import httpx
import pytest

from orchat.hosting.policy import content_security_policy

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PATHS = ("/", "/models", "/_stcore/health", "/_stcore/host-config", "/ready", "/static/nothing.js", "/media/nothing")


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_headers(http: httpx.Client, path: str):
    response = http.get(path)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_the_policy_lets_no_foreign_host_and_no_unknown_script_in(http: httpx.Client):
    policy = directives(http.get("/").headers["content-security-policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(policy["script-src"]) == set()
    for values in policy.values():
        assert [value for value in values if re.match(r"https?:|\*|\w+\.\w", value)] == []


def test_the_policy_names_the_scripts_of_the_index_page_by_their_hash():
    policy = content_security_policy("<script>alert(1)</script><script src='x.js'></script>")
    assert policy.count("'sha256-") == 1
    # echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
    assert "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in policy


def test_the_frame_for_artifacts_has_an_origin_of_its_own(http: httpx.Client):
    response = http.get("/artifact-frame")
    policy = directives(response.headers["content-security-policy"])
    assert policy["sandbox"] == ["allow-scripts"]
    assert policy["default-src"] == ["'none'"]
    assert "connect-src" not in policy
    assert response.headers["x-frame-options"] == "SAMEORIGIN"
