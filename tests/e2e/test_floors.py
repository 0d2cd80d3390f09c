"""The rule of the floors on small sources with planted faults: rings and upward arrows, by includes and by calls."""

import subprocess

import floors
import pytest

from support import SANITIZED

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="nothing of it is in C")

SOURCES = {
    "base/log.h": "void log_line(void);\n",
    "base/log.c": '#include "base/log.h"\nvoid log_line(void) {}\n',
    "http/router.h": "int route(int n);\n",
    "http/router.c": '#include "http/router.h"\n#include "base/log.h"\nint route(int n) { log_line(); return n; }\n',
    "app.c": '#include "http/router.h"\nint main(void) { return route(0); }\n',
}
FLOORS = (("base",), ("http", "python"), ("app",))


@pytest.fixture
def look(tmp_path):
    """``look({path: text})`` returns the arrows by includes and by calls. The texts add to SOURCES or replace some."""

    def arrows(changes):
        listings = []
        for name, text in {**SOURCES, **changes}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        for path in sorted(tmp_path.rglob("*.c")):
            compiled = path.with_suffix(".o")
            subprocess.run(["gcc", "-c", f"-I{tmp_path}", path, "-o", compiled], check=True)
            listing = subprocess.run(["nm", "--format=posix", compiled], check=True, capture_output=True, text=True)
            listings.append((floors.file_of(path, tmp_path), listing.stdout))
        return floors.includes(tmp_path), floors.calls(listings)

    return arrows


def test_what_stands_on_floors_has_no_ring_and_no_arrow_upward(look):
    for arrows in look({}):
        assert {file: sorted(others) for file, others in arrows.items()} == {
            "http/router": ["base/log"],
            "app": ["http/router"],
        }
        assert floors.rings(arrows) == []
        assert floors.upward(arrows, FLOORS) == []


def test_a_ring_is_found_where_no_include_shows_it(look):
    by_include, by_call = look({"base/log.c": "int route(int n);\nvoid log_line(void) { route(1); }\n"})
    assert floors.rings(by_include) == []
    (ring,) = floors.rings(by_call)
    assert ring == ("base/log", "http/router")
    assert floors.text_of_ring(ring, by_call, "calls") == (
        "a ring of 2 files by their calls: base/log http/router; "
        "for one: base/log → http/router (route), http/router → base/log (log_line)\n"
    )
    assert floors.upward(by_call, FLOORS) == [("base/log", "http/router")]


def test_a_ring_of_headers_is_found(look):
    by_include, by_call = look(
        {
            "http/head.h": '#pragma once\n#include "http/body.h"\n',
            "http/body.h": '#pragma once\n#include "http/head.h"\n',
        }
    )
    assert floors.rings(by_include) == [("http/body", "http/head")]
    assert floors.rings(by_call) == []


def test_two_rings_that_share_a_file_are_one(look):
    arrows = {"a": {"b": {"x"}}, "b": {"a": {"y"}, "c": {"z"}}, "c": {"b": {"w"}}, "d": {"a": {"v"}}}
    assert floors.rings(arrows) == [("a", "b", "c")]


def test_folders_of_one_floor_know_nothing_of_each_other(look):
    by_include, _ = look({"python/wsgi.c": '#include "http/router.h"\nint wsgi(void) { return route(2); }\n'})
    assert floors.upward(by_include, FLOORS) == [("python/wsgi", "http/router")]
