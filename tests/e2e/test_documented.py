"""The checks of drawings and lists in docs/, on small pages with planted differences."""

import documented
import pytest

from support import SANITIZED

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="nothing of it is in C")

TABLES = """
static const unsigned next_inputs[INPUT_COUNT] = {
    [INPUT_OPEN] = TO(INPUT_CLOSING),
    [INPUT_CLOSING] = 0,
};

static const unsigned next_stages[STAGE_COUNT] = {
    [STAGE_NONE] = TO(STAGE_READING),
    [STAGE_READING] = TO(STAGE_NONE) |
                      TO(STAGE_LEFT),
    [STAGE_LEFT] = TO(STAGE_NONE),
};
"""
STAGES = ["NONE --> READING: a head", "READING --> NONE: the end", "READING --> LEFT", "LEFT --> NONE"]


def page_of(stages):
    lines = "".join(f"    {line}\n" for line in ["[*] --> NONE", *stages])
    return (
        f"# States\n\n```mermaid\nstateDiagram-v2\n{lines}```\n\n"
        "```mermaid\nstateDiagram-v2\n    OPEN --> CLOSING: a drain\n```\n"
    )


def test_the_same_transitions_are_no_difference():
    assert list(documented.differences_of_drawings(page_of(STAGES), TABLES)) == []


def test_a_transition_that_is_not_drawn_is_found():
    assert list(documented.differences_of_drawings(page_of(STAGES[:-1]), TABLES)) == [
        "only transition.c has STAGE: LEFT --> NONE"
    ]


def test_a_transition_that_is_only_drawn_is_found():
    assert list(documented.differences_of_drawings(page_of([*STAGES, "NONE --> LEFT"]), TABLES)) == [
        "only docs/connection.md has STAGE: NONE --> LEFT"
    ]


CALLBACKS = """
## Callbacks that go upward

| pointer | called by | set by | thread |
|---|---|---|---|
| `loop.on_answered` | `core/request.c` | `http/server.c` | LOOP |
| `queue.on_room` (`queue_open()`) | `core/queue.c` | `http/server.c` | LOOP |

* `deliver` does not go upward.

## To add
"""
SOURCES = {
    "core/loop.h": "struct loop {\n    void (*on_answered)(void);\n    void (*deliver)(void);\n};\n",
    "core/request.c": "loop->on_answered();\n",
    "core/queue.c": "queue->on_room();\n",
    "http/server.c": "loop->on_answered = f;\nqueue_open(g);\n",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        (
            {"core/loop.h": SOURCES["core/loop.h"].replace("deliver", "post")},
            ["core/loop.h has the callback post, which docs/sources.md does not name"],
        ),
        (
            {"http/server.c": "loop->on_answered = f;\n"},
            ["docs/sources.md, `queue.on_room` (`queue_open()`): src/http/server.c has no such name"],
        ),
        ({"core/queue.c": None}, ["docs/sources.md, `queue.on_room` (`queue_open()`): there is no src/core/queue.c"]),
    ],
)
def test_the_list_of_callbacks(tmp_path, changes, expected):
    for name, text in {**SOURCES, **changes}.items():
        if text is not None:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
    assert list(documented.differences_of_callbacks(CALLBACKS, tmp_path)) == expected
