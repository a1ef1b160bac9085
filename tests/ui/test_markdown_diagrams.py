"""Mermaid diagrams are drawn if nothing in them can load anything, and shown as their source if something could."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.ui.markdown import presentable
from tests.ui.markdown_corpus import HOSTILE_DIAGRAMS

HARMLESS = [
    "flowchart TD\nA[Start<br/>here] --> B{ok?}\nstyle A fill:#f9f,stroke:#333,stroke-width:4px",
    "flowchart TD\nA(round) <--> B\nclassDef hot fill:rgb(255, 0, 0),color:hsl(10 20% 30% / 50%);\nclass A hot",
    "flowchart TD\nA[Choose a style (any)] --> B[Open the URL, import the data]\nlinkStyle 0 stroke-dasharray: 5 5",
    "stateDiagram-v2\n[*] --> Idle: start()\nclassDef bad fill:#f00,color:white,font-weight:bold\nclass Idle bad",
    "classDiagram\nAnimal <|-- Duck\nclass Duck {\n+String data: x\n+swim(depth: int)\n}",
    "sequenceDiagram\nparticipant data\nAlice->>data: show details\nNote over data: its properties",
    'erDiagram\nCUSTOMER ||--o{ ORDER : "places #quot;it#quot;"',
    "%% a comment\ngantt\ntodayMarker stroke-width:5px,stroke:#0f0,opacity:0.5\nsection A\nx :a1, 2014-01-01, 30d",
]
FRAGMENTS = [
    *("flowchart TD\n", "stateDiagram-v2\n", "sequenceDiagram\n", "block-beta\n", "A --> B\n", "classDef b", "style A"),
    *(
        "linkStyle 0",
        "todayMarker",
        " ",
        "\n",
        "\t",
        ";",
        "fill:",
        "background:",
        "#f9f",
        "red",
        ",",
        "image-set",
        "(",
        ")",
    ),
    *(
        "url(",
        "src(",
        "rgb(1, 2, 3)",
        '"',
        "https:",
        "//",
        "e.x",
        "#58;",
        "&colon;",
        "#lt;",
        "<img",
        "\\",
        "@{",
        "%%{",
        "---",
    ),
    *("cross-fade(", "https", ":", "\u200b", "properties A: ", "{", "}", "/*", "*/", "@import"),
]


def fenced(diagram: str) -> str:
    return f"```mermaid\n{diagram}\n```"


@pytest.mark.parametrize("diagram", HARMLESS)
def test_a_diagram_that_fetches_nothing_is_drawn(diagram: str):
    assert presentable(fenced(diagram)) == fenced(diagram)


@pytest.mark.parametrize("diagram", HOSTILE_DIAGRAMS)
def test_a_diagram_that_could_fetch_something_is_shown_as_its_source_and_says_why(diagram: str):
    shown = presentable(fenced(diagram)).removesuffix(f"\n{diagram}\n```").split("\n")
    assert shown[:2] == ["```text", "%% Shown as its source, since"]
    # As comments of Mermaid's, and in lines that a phone shows whole.
    assert all(line.startswith("%% ") and len(line) <= 29 for line in shown[1:])
    assert shown[2].startswith("%% it")
    assert shown[-1].endswith(".")


def test_the_reason_stands_in_the_list_and_quote_that_the_diagram_stands_in():
    shown = presentable('- ```mermaid\n  flowchart\n  A@{ img: "http://e.x" }\n  ```')
    assert shown.startswith(
        "- ```text\n  %% Shown as its source, since\n  %% it holds an address or\n  %% HTML.\n  flowchart\n"
    )
    assert presentable("> ```mermaid\n> ---\n> title: x\n> ---\n> pie\n> ```").startswith("> ```text\n> %% Shown as")


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
def test_no_style_of_a_diagram_that_is_drawn_calls_what_could_fetch(diagram: str):
    shown = presentable(fenced(diagram))
    if not shown.startswith("```mermaid"):
        return
    assert not re.search(r"(?i)(?:url|src|image-set|image|cross-fade)\(|\bhttps?:\S|//|@import|@{|<img|\\", shown), (
        shown
    )
    for declarations in re.findall(r"(?:classDef b|style A|Style 0|todayMarker)([^\n]*)", shown):
        assert not re.search(r":.*(?<!rgb)\(", declarations), shown
