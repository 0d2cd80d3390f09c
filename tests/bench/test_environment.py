"""The facts about the machine and the software that are recorded with a measurement."""

import platform

import pytest

from bench.machine import environment


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("'--enable-shared'", "without PGO, without LTO"),
        ("'--enable-shared' '--enable-optimizations'", "with PGO, without LTO"),
        ("'--enable-optimizations' '--with-lto=full' 'CFLAGS=-g -O3'", "with PGO, with LTO"),
        ("'--enable-optimizations' '--with-lto=no'", "with PGO, without LTO"),
        (None, "without PGO, without LTO"),
    ],
)
def test_the_build_of_cpython_is_read_from_how_it_was_configured(monkeypatch, options, said):
    monkeypatch.setattr(environment.sysconfig, "get_config_var", lambda name: options)
    assert environment.python_build() == f"CPython {platform.python_version()} built {said}"
