import re
import textwrap
import tomllib
from pathlib import Path

import pytest

from bench.method import experiment
from bench.method.experiment import Changes, parse
from bench.servers.server import Failed
from bench.servers.tandem import models

HERE = Path("own.toml")
GRID = {"servers": ["uv-loop", "py-threads"], "workloads": ["json", "sleep"]}


def keys(made):
    return [cell.key for cell in made.cells]


def test_which_experiments_judge_the_claims():
    assert {name for name in experiment.names() if experiment.read(name).claims} == {"claims", "full"}


def test_a_grid_is_every_combination():
    grid = GRID | {"connections": [1, 64], "rates": [1000], "idle": [0, 10], "cores": "shared"}
    made = parse({"grid": [grid]}, HERE)
    assert len(made.cells) == 2 * 2 * 2 * 1 * 2
    assert made.cells[0].key == ("uv-loop", "json", 1, 1000, 0, "shared")
    assert made.name == made.title == "own"


def test_what_is_not_said_has_a_default():
    cell = parse({"grid": [GRID]}, HERE).cells[0]
    assert (cell.connections, cell.rate, cell.idle, cell.cores) == (64, None, 0, "split")
    assert (cell.rounds, cell.seconds, cell.baseline) == (5, 1.0, None)


def test_a_grid_may_have_settings_of_its_own():
    made = parse({"rounds": 3, "grid": [GRID, GRID | {"connections": [1], "rounds": 9}]}, HERE)
    assert {(cell.connections, cell.rounds) for cell in made.cells} == {(64, 3), (1, 9)}


def test_a_server_may_have_another_name_and_options():
    servers = {"one thread": {"server": "py-threads", "options": ["--threads", "1"]}}
    made = parse({"servers": servers, "grid": [GRID | {"servers": ["one thread", "nginx"]}]}, HERE)
    one, nginx = (cell.server for cell in made.cells[:2])
    assert (one.name, one.runs, one.options, one.kind) == ("one thread", "py-threads", ("--threads", "1"), "tandem")
    assert (nginx.runs, nginx.kind) == ("nginx", "peer")
    assert made.peers() == ["nginx"]


def test_what_includes_decides_for_what_is_included(tmp_path):
    inner, outer = tmp_path / "inner.toml", tmp_path / "outer.toml"
    inner.write_text('rounds = 2\nseconds = 7.0\n[[grid]]\nservers = ["uv-loop"]\nworkloads = ["json"]\n')
    outer.write_text(f'rounds = 3\ninclude = ["{inner}"]\n[[grid]]\nservers = ["uv-pool"]\nworkloads = ["json"]\n')
    made = experiment.read(str(outer))
    assert [(cell.server.name, cell.rounds, cell.seconds) for cell in made.cells] == [
        ("uv-loop", 3, 7.0),
        ("uv-pool", 3, 1.0),
    ]


def test_what_a_grid_says_of_itself_stays_but_for_the_command_line(tmp_path):
    inner, outer = tmp_path / "inner.toml", tmp_path / "outer.toml"
    inner.write_text('[[grid]]\nservers = ["uv-loop"]\nworkloads = ["json"]\nbaseline = "express"\nrounds = 9\n')
    outer.write_text(f'baseline = "py-threads"\nrounds = 3\ninclude = ["{inner}"]\n')
    (cell,) = experiment.read(str(outer)).cells
    assert (cell.baseline, cell.rounds) == ("express", 9)
    (cell,) = experiment.read(str(outer), Changes(settings={"rounds": 2})).cells
    assert (cell.baseline, cell.rounds) == ("express", 2)


def test_the_command_line_changes_all_grids():
    servers = {"one": {"server": "py-threads"}}
    document = {"servers": servers, "grid": [{"servers": ["uv-loop", "one", "nginx"], "workloads": ["json"]}]}
    changes = Changes(
        models=["uv-pool"],
        peers=["nginx"],
        grid={"workloads": ["echo"], "connections": [8]},
        settings={"rounds": 2},
        options=("--threads", "3"),
    )
    made = parse(document, HERE, changes)
    assert keys(made) == [("uv-pool", "echo", 8, None, 0, "split"), ("nginx", "echo", 8, None, 0, "split")]
    assert [cell.server.options for cell in made.cells] == [("--threads", "3"), ()]
    assert made.rounds == made.cells[0].rounds == 2


def test_a_cell_that_is_named_twice_is_measured_once():
    assert len(parse({"grid": [GRID, GRID]}, HERE).cells) == 4
    made = parse({"grid": [GRID | {"rounds": 3}, GRID | {"rounds": 9}, GRID | {"rounds": 5}]}, HERE)
    assert [cell.rounds for cell in made.cells] == [9] * 4


@pytest.mark.parametrize("name", experiment.names())
def test_ours_are_good(name):
    made = experiment.read(name)
    assert made.title and made.cells
    known = {cell.server.name for cell in made.cells}
    assert {cell.baseline for cell in made.cells} - {None} <= known


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({}, "own.toml: has neither a [[grid]] nor an include"),
        ({"girds": []}, "own.toml: unknown key 'girds'; known here: baseline, claims, grid, "),
        (
            {"grid": [GRID | {"connection": [1]}]},
            "own.toml: grid[0]: unknown key 'connection'; known here: baseline, connections, ",
        ),
        ({"grid": [GRID | {"workloads": ["jsno"]}]}, "own.toml: no workload 'jsno'; there are: plaintext, "),
        ({"grid": [GRID | {"servers": ["node"]}]}, "own.toml: no server 'node'; there are: uv-loop, "),
        ({"grid": [GRID | {"connections": [0]}]}, "own.toml: grid[0].connections[0]: 0 is less than the minimum of 1"),
        ({"grid": [GRID | {"rates": ["x"]}]}, "own.toml: grid[0].rates[0]: 'x' is not of type 'number'"),
        ({"grid": [GRID | {"cores": "all"}]}, "own.toml: grid[0].cores: 'all' is not one of ['split', 'shared']"),
        (
            {"grid": [GRID | {"connections": 64}]},
            "own.toml: grid[0].connections: 64 is not of type 'array'; a list: [64]",
        ),
        (
            {"grid": [GRID | {"workloads": "json"}]},
            "own.toml: grid[0].workloads: 'json' is not of type 'array'; a list",
        ),
        ({"grid": {}}, "own.toml: grid: {} is not of type 'array'; a grid begins with [[grid]]"),
        ({"grid": [{"servers": ["uv-loop"]}]}, "own.toml: a [[grid]] has no workloads"),
        ({"grid": [{"workloads": ["json"]}]}, "own.toml: a [[grid]] has no servers"),
        ({"rounds": 0, "grid": [GRID]}, "own.toml: rounds: 0 is less than the minimum of 1"),
        ({"rounds": "two", "grid": [GRID]}, "own.toml: rounds: 'two' is not of type 'integer'"),
        ({"seconds": -1, "grid": [GRID]}, "own.toml: seconds: -1 is less than the minimum of 0.1"),
        ({"title": 3, "grid": [GRID]}, "own.toml: title: 3 is not of type 'string'"),
        ({"baseline": "gunicorn", "grid": [GRID]}, "own.toml: baseline: no server 'gunicorn'; there are: uv-loop, "),
        (
            {"servers": {"x": {"optoins": []}}, "grid": [GRID]},
            "own.toml: servers.x: unknown key 'optoins'; known here: ",
        ),
        ({"servers": {"x": {"options": ["-v"]}}, "grid": [GRID]}, "own.toml: no server 'x'"),
        ({"include": ["nope.toml"]}, "there is no file nope.toml"),
        ({"include": ["nope"]}, "no experiment 'nope'; there are: claims, "),
    ],
)
def test_what_is_wrong_is_said(document, complaint):
    with pytest.raises(Failed) as failure:
        parse(document, HERE)
    assert str(failure.value).startswith(complaint)


def test_an_include_is_relative_to_the_file_that_has_it(tmp_path):
    (tmp_path / "inner.toml").write_text('[[grid]]\nservers = ["uv-loop"]\nworkloads = ["json"]\n')
    (tmp_path / "outer.toml").write_text('include = ["inner.toml"]\n')
    assert keys(experiment.read(str(tmp_path / "outer.toml"))) == [("uv-loop", "json", 64, None, 0, "split")]


def test_a_file_that_is_no_toml(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("rounds = = 3")
    with pytest.raises(Failed, match=r"bad\.toml: .*line 1"):
        experiment.read(str(path))


def test_the_example_of_the_docs_is_good():
    text = (experiment.EXPERIMENTS.parent.parent / "docs" / "experiments.md").read_text()
    example = textwrap.dedent(re.search(r"^    title = .*?(?=^\S)", text, re.M | re.S)[0])
    made = parse(tomllib.loads(example), HERE)
    assert {cell.server.name for cell in made.cells} >= {"uv-loop", "py-threads, 1 thread", "express"}
    for name in (*experiment.DEFAULTS, *experiment.GRID_DEFAULTS, "include", "options"):
        assert f"`{name}`" in text


def test_models_are_all_that_tandem_has_unless_a_server_has_that_name():
    grid = {"servers": ["models", "nginx"], "workloads": ["json"]}
    assert [cell.server.name for cell in parse({"grid": [grid]}, HERE).cells] == [*models(), "nginx"]
    servers = {"models": {"server": "py-threads"}}
    made = parse({"servers": servers, "grid": [grid]}, HERE)
    assert [cell.server.runs for cell in made.cells] == ["py-threads", "nginx"]
