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


STATISTICS = """
static const struct statistic statistics[] = {
    {OF_HTTP, "requests_total", "tandem_http_requests_total", NULL, COUNTER, COUNT, "Requests.", AT(http_sum, all)},
    {OF_PROCESS, "cpu_user_seconds", "tandem_process_cpu_seconds_total", "mode=\\"user\\"", COUNTER, SECONDS,
     "CPU.", AT(process_sum, user_ns)},
    {OF_LOOP, NULL, "tandem_loop_idle_seconds_total", NULL, COUNTER, SECONDS, "Time waited.", AT(loop_sum, idle_ns)},
};
"""
LINES = [
    "| /stats | /metrics | type | unit | meaning |",
    "|---|---|---|---|---|",
    "| `http.requests_total` | `tandem_http_requests_total` | counter | count | Requests. |",
    "| `process.cpu_user_seconds` | `tandem_process_cpu_seconds_total` with `mode=user` | counter | seconds | CPU. |",
    "|  | `tandem_loop_idle_seconds_total` | counter | seconds | Time waited. |",
]


def stats_page(lines):
    return "".join(["# Stats\n", documented.BEGIN, *(f"{line}\n" for line in lines), documented.END, "more\n"])


def test_the_table_of_statistics():
    assert list(documented.differences_of_statistics(stats_page(LINES), STATISTICS)) == []


def test_a_statistic_that_is_not_documented_is_found():
    assert list(documented.differences_of_statistics(stats_page(LINES[:-1]), STATISTICS)) == [
        f"docs/stats.md lacks the line {LINES[-1]}"
    ]


def test_a_line_of_no_statistic_is_found():
    line = "| `http.gone` | | counter | count | Gone. |"
    assert list(documented.differences_of_statistics(stats_page([*LINES, line]), STATISTICS)) == [
        f"docs/stats.md has a line that statistics.c does not make: {line}"
    ]


def test_a_page_without_the_markers():
    (said,) = documented.differences_of_statistics("# Stats\n", STATISTICS)
    assert said.startswith("docs/stats.md has no lines <!-- the table of src/stats/statistics.c -->")


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
