"""Tools for the tests of the agent's page: each does one thing that a person has to see."""

TOOLS = '''
"""Things of a laboratory."""
import asyncio, base64
from pathlib import Path
from typing import Literal
from langchain_core.tools import tool
from pydantic import BaseModel, Field, SecretStr
from orchat import Artifact, Plugin

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
PAGE = """<h1>Made here</h1><p id="seen">no script ran</p><script>
let reach = "walled off from orchat";
try { parent.document.title = "taken"; reach = "inside orchat"; } catch { }
document.getElementById("seen").textContent = `${window.origin}: ${reach}`;
</script>"""


class Settings(BaseModel):
    unit: Literal["celsius", "kelvin"] = Field("celsius", description="What temperatures are told in.")
    most: int = Field(10, ge=1, title="Most samples")
    token: SecretStr | None = None


PLUGIN = Plugin(title="Laboratory", icon=":material/science:", approval="auto", settings=Settings)


def get_tools(ctx):
    @tool(response_format="content_and_artifact")
    def sales(year: int) -> tuple[str, list[Artifact]]:
        """The sales of a year, as a table and a chart."""
        rows = [{"month": month, "sales": 90 + len(month) * 7} for month in ("January", "February", "March")]
        x, y = {"field": "month", "type": "nominal", "sort": None}, {"field": "sales", "type": "quantitative"}
        bars = {"mark": "bar", "data": {"values": rows}, "encoding": {"x": x, "y": y}}
        return f"3 months of {year}", [Artifact.table(rows, "sales.csv"), Artifact.vega(bars, "bars.json")]

    @tool(response_format="content_and_artifact")
    def gallery() -> tuple[str, list[Artifact]]:
        """Everything else that can be shown."""
        dots = {"data": [{"type": "scatter", "x": [1, 2, 3], "y": [2, 1, 3]}], "layout": {"title": {"text": "Dots"}}}
        return "made", [
            Artifact.image(base64.b64decode(PIXEL)),
            Artifact.plotly(dots, "dots.json"),
            Artifact.html(PAGE),
            Artifact.text("one line", "notes.txt"),
            Artifact("file", "data.bin", "application/octet-stream", b"1234"),
        ]

    @tool
    async def measure(seconds: float = 60) -> str:
        """Measure for a while."""
        ctx.progress("the first sample", 0.5)
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            (Path(__file__).parent / "stopped.txt").touch()
            raise
        return f"42 {ctx.settings.unit}"

    @tool
    def explode() -> str:
        """Fail."""
        raise RuntimeError("the disk is on fire")

    @tool
    def send_mail(to: str, body: str) -> str:
        """Send a mail."""
        return f"sent to {to}: {body}"

    send_mail.metadata = {"approval": "ask"}
    return [sales, gallery, measure, explode, send_mail]
'''

MAIL = 'call send_mail {"to": "ann@example.org", "body": "Hello"}'
