"""The hosted entry: `streamlit run deploy/asgi.py`. The same pages, with headers, probes and metrics round them."""

import sys
from importlib.util import find_spec
from pathlib import Path

import streamlit as st
from streamlit import config, net_util

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from orchat.errors import SettingsError  # noqa: E402 - found through the path above
from orchat.hosting.app import Hosting  # noqa: E402
from orchat.hosting.artifact_frame import PATH  # noqa: E402
from orchat.hosting.console import take_over  # noqa: E402
from orchat.people import proxy  # noqa: E402
from orchat.settings import Settings  # noqa: E402
from orchat.ui import resources  # noqa: E402

streamlit = find_spec("streamlit")
assert streamlit is not None
assert streamlit.origin is not None
index = (Path(streamlit.origin).parent / "static" / "index.html").read_text("utf-8")

try:
    settings = Settings.load()
    take_over(settings)
    hosting = Hosting(settings, resources.services, resources.close, index)
    secrets = hosting.secrets()
except SettingsError as error:
    sys.exit(f"orchat: {error.message} {error.advice}")

resources.artifact_address = PATH
resources.when_started = hosting.metrics.watch
# So that Streamlit, too, tells one visitor from another, and gives a tab that comes back to nobody else.
config.set_option("server.trustedUserHeaders", {proxy.HEADER: proxy.USER_KEY})
# Streamlit would ask a server of Amazon's which address this machine has, for pages from elsewhere.
net_util.get_external_ip = lambda: None
app = st.App(
    ROOT / "streamlit_app.py",
    secrets=secrets,
    routes=hosting.routes(),
    middleware=hosting.middleware(),
    lifespan=hosting.lifespan,
)
