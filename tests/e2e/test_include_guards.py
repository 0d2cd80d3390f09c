"""The rule of include guards, on headers with planted ones."""

import lint


def test_a_guard_is_the_headers_path():
    assert lint.guard_findings("src/python/app/app.h", "/* App. */\n#ifndef TANDEM_PYTHON_APP_APP_H\n") == ""
    assert lint.guard_findings("include/tandem/handler.h", "#ifndef TANDEM_HANDLER_H\n") == ""


def test_a_guard_of_another_path_is_named():
    found = lint.guard_findings("src/python/app/bytes.h", "#ifndef TANDEM_PYTHON_WSGI_BYTES_H\n")
    assert found == (
        "src/python/app/bytes.h: its include guard is TANDEM_PYTHON_WSGI_BYTES_H instead of TANDEM_PYTHON_APP_BYTES_H\n"
    )


def test_a_header_without_a_guard_is_named():
    found = lint.guard_findings("src/base/err.h", "int err(void);\n")
    assert found == "src/base/err.h: its include guard is missing instead of TANDEM_BASE_ERR_H\n"
