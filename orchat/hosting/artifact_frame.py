"""The address at which HTML from tools is shown: a page of opaque origin, with a policy of its own.

A frame that is filled in place inherits the policy of the page around it, under which the scripts of an artifact do not
run; a frame with an address has its own.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from orchat.hosting.policy import ARTIFACT_POLICY

PATH = "/artifact-frame"
_PAGE = """<!doctype html><title>Artifact</title><script>
addEventListener("message", ({ data }) => {
  if (typeof data?.html !== "string") return;
  document.open(); document.write(data.html); document.close();
}, { once: true });
</script>"""


def artifact_frame() -> Route:
    """Return the route of the empty frame, which takes its content once, as a message from the page around it."""

    async def frame(_request: Request) -> HTMLResponse:
        headers = {"content-security-policy": ARTIFACT_POLICY, "x-frame-options": "SAMEORIGIN"}
        return HTMLResponse(_PAGE, headers=headers)

    return Route(PATH, frame, methods=["GET"])
