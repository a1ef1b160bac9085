"""The policies that browsers are asked to enforce: what a page may load, run and send, and who may frame it."""

import base64
import hashlib
import re

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

ARTIFACT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; media-src data: blob:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""Of the frame in which HTML from tools is shown: it may run, in an origin of its own, and reach nothing."""


def content_security_policy(index: str) -> str:
    """Return the policy for orchat's own pages, given the HTML of Streamlit's index page.

    Scripts come from this server, or are the ones written in that page. `blob:` is how Streamlit loads the script of a
    component; `unsafe-inline` for styles is how its whole interface is styled. Nothing is loaded from or sent to
    another host, by whatever a model or a tool may have smuggled into the page.
    """
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(index))
    inline = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' blob: {inline}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "frame-src 'self'",
            "form-action 'self'",
            "base-uri 'self'",
            "frame-ancestors 'none'",
        )
    )


def security_headers(index: str) -> dict[str, str]:
    """Return the headers of every response that does not set them itself."""
    return {
        "content-security-policy": content_security_policy(index),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    }
