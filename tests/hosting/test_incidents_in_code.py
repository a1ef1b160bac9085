"""What has happened to others with code that a model wrote, tried through the code interpreter as the app runs it.

Each test names the incident; the comment says what went wrong there. More than a hundred other attacks are tried on
each backend in tests/sandbox; what a page made of HTML may do in a browser in tests/browser.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchat.agent.hand import HandCall
from orchat.demo import DemoServer
from orchat.errors import SandboxError
from orchat.sandbox import Workspace, available
from orchat.services import Services
from orchat.settings import Settings
from orchat.settings.changing import changeable
from orchat.turn import Ask
from tests.browser.app_process import ROOT
from tests.ui.chat_app import until

MARKER = "no-code-may-read-this-5c1f"
TRY = """
import ctypes, os, signal, socket, time
libc = ctypes.CDLL(None, use_errno=True)

def refused(status):
    if status:
        raise OSError(ctypes.get_errno())

try:
    found = {attempt}
except BaseException as error:
    print("refused:", type(error).__name__)
else:
    print("got through:", repr(found)[:2000])
"""
ATTEMPTS = {
    "the variables of the app": "open('/proc/{app}/environ').read()",
    "the memory of the app": "open('/proc/{app}/mem', 'rb')",
    "the database": "open('{data}/orchat.db', 'rb').read()",
    "what is in the data folder": "os.listdir('{data}')",
    "a connection": "socket.create_connection(('127.0.0.1', {port}), 3)",
    "the end of the app": "os.kill({app}, 0)",
    "a trace of the app": "refused(libc.ptrace(16, {app}, 0, 0))",
    "a mount": "refused(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))",
    "processes without end": "[os.fork() or time.sleep(20) or os._exit(0) for _ in range(1000)]",
    "a file of 10 GB": "os.truncate(os.open('large', os.O_CREAT | os.O_RDWR), 10 << 30)",
    "the app's packages": "__import__('orchat')",
}
LINKS = """
import os
for target, name in (("/etc/passwd", "link.txt"), ("{data}/orchat.db", "db.txt"), ("/etc", "folder"), ("..", "up")):
    os.symlink(target, name)
"""
NAMES = {
    "report.csv": "report.csv",
    "C:\\x": "x",
    "..\\..\\up.py": "up.py",
    "a\nb.txt": "a_b.txt",
    "\u202egnp.exe": "_gnp.exe",
    "-rf": "rf",
    "n" * 250: "n" * 120,
    "..": None,
    "../../out.py": None,
    "/etc/cron.d/out": None,
    "a/../../out": None,
}
"""Names under which code wants to write, and what the file is called then; None where it cannot."""


@pytest.fixture(scope="module")
def services(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("code")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("OPENROUTER_API_KEY", demo.api_key)
        patch.setenv("OPENROUTER_BASE_URL", demo.base_url)
        patch.setenv("ORCHAT_METRICS_TOKEN", MARKER)
        settings = Settings(ORCHAT_DATA_DIR=folder, ORCHAT_SANDBOX_PACKAGES=False, ORCHAT_TITLE_MODEL="none")
        if (report := available(settings)).chosen is None:
            pytest.skip(f"nothing here isolates code: {report.reason}")
        services = Services(settings)
        yield services
        services.close()


@pytest.fixture
def chat(services: Services) -> str:
    return services.store.create_conversation("eve", kind="agent").id


def run(services: Services, chat: str, code: str) -> HandCall:
    call = services.call_tool("eve", chat, "run_python", {"code": code}, services.connection())
    assert call.finished.wait(100)
    return call


def answers(services: Services) -> bool:
    """Whether the app goes on answering people."""
    question = services.chats.say("ann", services.store.create_conversation("ann").id, "Hello", None)
    answer = services.ask("ann", question, Ask("demo/fast"), services.connection())
    return answer.settled.wait(60) and answer.state == "done"


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_thinkingbox_data_22_ghsa_4r2p_27mh_5m22_code_gets_at_nothing_and_the_app_goes_on(
    services: Services, chat: str, attempt: str
):
    # microsoft/thinkingbox-data: Pyodide in Node was taken for a sandbox. Open WebUI: Python ran where the session was.
    port = services.settings.base_url.rpartition(":")[2].partition("/")[0]
    attempt = attempt.format(app=os.getpid(), data=services.settings.data_dir, port=port)
    text = run(services, chat, TRY.format(attempt=attempt)).text
    assert "refused: " in text
    assert "got through" not in text
    assert answers(services)
    assert run(services, chat, "6 * 7").text.endswith("42")


def test_thinkingbox_data_22_a_loop_without_end_is_stopped_and_the_app_goes_on(services: Services, chat: str):
    code = "print('begun', flush=True)\nwhile True: pass"
    call = services.call_tool("eve", chat, "run_python", {"code": code}, services.connection())
    until(lambda: "begun" in call.written)
    assert answers(services)
    call.stop()
    assert call.finished.wait(60)
    assert run(services, chat, "6 * 7").text.endswith("42")


def test_ghsa_4r2p_27mh_5m22_code_has_nothing_of_the_apps_environment(services: Services, chat: str):
    # Open WebUI: what ran had all that the page had, the login among it.
    shown = run(services, chat, "import os\nprint(dict(os.environ), os.getuid(), os.getppid())").text
    assert "PATH" in shown
    assert MARKER not in shown
    assert not re.search(r"ORCHAT|OPENROUTER|KEY|TOKEN|SECRET", shown)


@pytest.mark.parametrize("name", NAMES)
def test_ghsa_qrm5_r67f_6692_a_name_that_code_gives_is_a_label(services: Services, chat: str, name: str):
    # LibreChat: the name of a file that code had written led out of the folder in which it was kept.
    before = everything_in(services.settings.data_dir)
    call = run(services, chat, f"open({name!r}, 'w').write('written by code')")
    assert [made.name for made in call.artifacts] == [made for made in [NAMES[name]] if made]
    kept = services.store.files("eve", chat)
    assert [services.store.file_data("eve", file.sha256) for file in kept] == [b"written by code"] * len(call.artifacts)
    new = everything_in(services.settings.data_dir) - before
    assert [path for path in new if chat not in path.parts and "running" not in path.parts] == []
    assert not any(Path(place).exists() for place in ("/etc/cron.d/out", services.settings.data_dir / "out.py"))


def test_ghsa_qrm5_r67f_6692_what_a_link_leads_to_is_not_read_out(services: Services, chat: str):
    call = run(services, chat, LINKS.format(data=services.settings.data_dir))
    assert "Error" not in call.text
    assert call.artifacts == ()
    assert services.store.files("eve", chat) == []
    workspace = Workspace(services.settings.data_dir / "workspaces" / chat)
    assert (workspace.path / "link.txt").is_symlink()
    for name in ("link.txt", "db.txt", "folder/passwd", "up/orchat.db", "../orchat.db", "/etc/passwd"):
        with pytest.raises(SandboxError):
            workspace.read(name)


def everything_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.name.startswith("orchat.db")}


def test_cve_2026_22252_cve_2026_31943_cve_2026_45395_no_page_says_where_a_server_or_a_tool_is():
    """Addresses and commands of MCP servers, and folders of tools, come from the operator's environment only.

    So they are not held against the rules for public addresses: an operator may name a server of their own network.
    """
    assert not {"mcp_config", "tools_dirs", "tool_settings", "sandbox_gateway"} & changeable().keys()
    for path in [*(ROOT / "orchat" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        assert not re.search(r"mcp_config|tools_dirs|MCPServers", path.read_text()), path
