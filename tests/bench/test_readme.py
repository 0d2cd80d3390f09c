"""README's tables and docs/throughput.svg are as ``./dev bench report … --readme`` writes them."""

import copy
import json
import shutil

import pytest

from bench import arguments, report
from bench.claims import claims
from bench.report import readme, schema
from bench.servers.server import Failed

import made_up_results

PARTS = {"results": "docs/results.json", "claims": "docs/claims.json"}
MEASURED = made_up_results.document()


@pytest.fixture
def top(tmp_path):
    """A directory with README.md and docs/ as they are committed."""
    for name in ("README.md", "docs/throughput.svg", *PARTS.values()):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(readme.TOP / name, tmp_path / name)
    return tmp_path


def full():
    """Returns a made-up document with all workloads and claims that README shows."""
    document = copy.deepcopy(MEASURED)
    document["workloads"]["hash"] = document["workloads"]["primes"]
    at_64 = [cell for cell in document["cells"] if cell["workload"] == "json"]
    document["cells"] += [{**cell, "workload": "hash"} for cell in at_64]
    document["claims"] = report.read(readme.TOP / PARTS["claims"], rounded=True)["claims"]
    return document


def write(document, parts, top):
    return [path.relative_to(top).as_posix() for path in readme.write(document, parts, top)]


@pytest.mark.parametrize("part", PARTS)
def test_the_committed_files_are_what_the_command_writes(part):
    document = report.read(readme.TOP / PARTS[part], rounded=True)
    for path, text in readme.files(document, [part]).items():
        assert path.read_text() == text, (
            f"{path}: ./dev bench report {PARTS[part]} --readme {part} writes it; not by hand"
        )


@pytest.mark.parametrize(
    ("part", "figure"),
    [
        ("results", "158,475"),
        ("results", "1449298220"),
        ("results", "352 ms"),
        ("claims", "+191 %"),
        ("claims", "**holds**"),
    ],
)
def test_a_figure_that_was_edited_by_hand_is_found_and_written_again(top, part, figure):
    committed = (top / "README.md").read_text()
    assert committed.count(figure) == 1
    (top / "README.md").write_text(committed.replace(figure, "1"))
    document = report.read(top / PARTS[part], rounded=True)
    assert readme.files(document, [part], top)[top / "README.md"] == committed


def test_a_new_run_replaces_both_parts_and_nothing_else(top):
    before = (top / "README.md").read_text()
    assert sorted(write(full(), ["results", "claims"], top)) == [
        "README.md", "docs/claims.json", "docs/results.json", "docs/throughput.svg"
    ]  # fmt: skip
    after = (top / "README.md").read_text()
    assert "./dev bench made-up` gave these results on 2 January 2026" in after
    outside = [text.split("results: begin")[0] for text in (before, after)]
    outside += [text.split("results: end")[1].split("claims: begin")[0] for text in (before, after)]
    outside += [text.split("claims: end")[1] for text in (before, after)]
    assert outside[::2] == outside[1::2]
    again = {path: path.read_text() for path in map(top.joinpath, ("README.md", "docs/results.json"))}
    write(report.read(top / "docs/results.json"), ["results"], top)
    assert again == {path: path.read_text() for path in again}


def test_the_table_has_the_medians_and_marks_of_the_document(top):
    document = full()
    write(document, ["results"], top)
    kept = report.read(top / "docs/results.json")
    assert {cell["connections"] for cell in kept["cells"]} == {64}
    assert set(kept["cells"][0]["figures"]) == set(readme.FIGURES)
    block = (top / "README.md").read_text().split("results: end")[0].split("results: begin")[1]
    rows = {line.split("`")[1]: line for line in block.splitlines() if line.startswith("| `")}
    for cell in kept["cells"]:
        text = readme.rate(cell)
        assert f"| {text} |" in rows[cell["server"]]
        if cell["state"] == "measured":
            assert text.strip("≥! ") == f"{cell['figures']['requests_per_second']['median']:,.0f}"
    marked = {(cell["server"], cell["workload"]): readme.rate(cell) for cell in kept["cells"] if cell["invalid"]}
    assert marked["uv-loop", "json"].startswith("≥ ") and marked["py-asyncio", "plaintext"].endswith(" !")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<!-- results: begin -->\n", "", "'<!-- results: begin -->' is there 0 times"),
        ("<!-- results: end -->\n", "", "'<!-- results: end -->' is there 0 times"),
        ("<!-- results: end -->\n", "<!-- results: end -->\n" * 2, "'<!-- results: end -->' is there 2 times"),
        ("<!-- results: end -->\n", "text <!-- results: end -->\n", "each on a line of its own"),
    ],
)
def test_markers_that_are_missing_are_named_and_nothing_is_written(top, old, new, said):
    text = (top / "README.md").read_text().replace(old, new)
    (top / "README.md").write_text(text)
    with pytest.raises(Failed, match=r"README\.md") as failure:
        write(full(), ["claims", "results"], top)
    assert said in str(failure.value)
    assert (top / "README.md").read_text() == text
    assert (top / "docs/claims.json").read_text() == (readme.TOP / "docs/claims.json").read_text()


def test_markers_in_the_wrong_order_are_named():
    with pytest.raises(Failed, match=r"in line 1, before .* in line 2"):
        readme.replace("<!-- a: end -->\n<!-- a: begin -->\n", "a", "text\n", "README.md")


def test_a_document_without_what_a_part_shows_is_refused(top):
    with pytest.raises(Failed, match=r"not measured: hash; \./dev bench full"):
        write(MEASURED, ["results"], top)
    with pytest.raises(Failed, match="no claim was judged"):
        write({**MEASURED, "claims": []}, ["claims"], top)
    with pytest.raises(Failed, match=r"'requests' has no case .* bench/claims\.toml"):
        write(MEASURED, ["claims"], top)


def test_every_case_with_a_name_for_readme_is_in_the_committed_document():
    named = {(claim.id, case.label) for claim in claims.read() for case in claim.cases if case.readme}
    document = json.loads((readme.TOP / PARTS["claims"]).read_text())
    assert named <= {(claim["id"], case["label"]) for claim in document["claims"] for case in claim["cases"]}


@pytest.mark.parametrize(
    ("measure", "unit", "numbers", "text"),
    [
        ("percent more", "%", (191.2, 158, 243), "+191 % (+158 to +243)"),
        ("percent more", "%", (-0.2, -1, None), "0 % (−1 to …)"),
        ("percent more", "%", (9200, 9200, 9200), "93 ×"),
        ("percent less", "%", (-25, -41, 3), "+25 % (−3 to +41)"),
        ("lines", "%", (-7, -7, -7), "−7 %"),
        ("share", "%", (84, 81, 88), "84 % (81 to 88)"),
        ("ratio", "×", (17.2, 16, 18), "17 × (16 to 18)"),
        ("ratio", "×", (0.684, 0.66, 0.78), "0.68 × (0.66 to 0.78)"),
        ("per connection", "bytes", (8030, 7900, 8100), "8.0 kB (7.9 to 8.1)"),
        ("value", "seconds", (0.129, 0.12, 0.14), "129 ms (120 to 140)"),
        ("ratio", "×", (None, None, None), "not measured"),
    ],
)
def test_a_case_in_words(measure, unit, numbers, text):
    measured, low, high = numbers
    assert readme.case_text({"measure": measure, "unit": unit, "measured": measured, "low": low, "high": high}) == text


def test_figures_without_their_rounds_are_for_readme_alone():
    for path in PARTS.values():
        with pytest.raises(schema.Invalid, match="rounded"):
            report.read(readme.TOP / path)
        report.read(readme.TOP / path, rounded=True)


def test_a_rounded_figure_has_no_rounds():
    document = report.read(readme.TOP / PARTS["results"], rounded=True)
    document["cells"][0]["figures"]["requests_per_second"]["values"] = [1]
    with pytest.raises(schema.Invalid, match="requests_per_second"):
        schema.validate(document)


def test_the_option(capsys):
    assert arguments.read(["report", "a.json", "--readme", "results,claims"]).readme == list(readme.PARTS)
    for wrong, said in (
        (["full", "--readme", "claims"], "--readme is for report"),
        (["report", "a", "--readme", "x"], "none of: results, claims"),
        (["report", "a", "--readme", "claims", "--out", "b"], "there is no --out for it"),
    ):
        with pytest.raises(SystemExit):
            arguments.read(wrong)
        assert said in capsys.readouterr().err
