"""The rule of the owners of fields, on a small struct with planted writes."""

import owners
import pytest

from support import SANITIZED

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="nothing of it is in C")

HEADER = """
struct connection {
    /* http/connection */
    int fd; /* the socket; /now is a path */
    enum stage stage;
    struct connection *before, *after;

    /* http/request */
    struct buf held;
    unsigned lengths[4];
};
"""


def test_each_field_has_the_folder_above_it():
    assert owners.owners(HEADER) == {
        "fd": "http/connection",
        "stage": "http/connection",
        "before": "http/connection",
        "after": "http/connection",
        "held": "http/request",
        "lengths": "http/request",
    }


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ("connection->stage = 1;", "stage"),
        ("connection->stage |= 1;", "stage"),
        ("connection->stage++;", "stage"),
        ("--connection->stage;", "stage"),
        ("next->fd = 3;", "fd"),
        ("give(&connection->fd);", "fd"),
        ("connection->before->after = NULL;", None),  # the connection before: only names are followed
        ("connection->held.length = 0;", None),
        ("connection->lengths[1] = 0;", None),
        ("if (connection->stage == 1) return;", None),
        ("int fd = connection->fd;", None),
        ("request->stage = 1;", None),
        ("give(&connection->before->fd);", None),
    ],
)
def test_a_write_outside_the_folder_is_found(statement, field):
    lines = [
        "void f(struct connection *connection, struct request *request)",
        "{",
        "struct connection *next;",
        statement,
    ]
    text = "\n".join([*lines, "}", ""])
    found = list(owners.foreign_writes([("http/request/filter.c", text)], HEADER))
    assert found == ([("http/request/filter.c", 4, field, "http/connection")] if field else [])
    assert list(owners.foreign_writes([("http/connection/connection.c", text)], HEADER)) in (
        [],
        [("http/connection/connection.c", 4, "held", "http/request")],
        [("http/connection/connection.c", 4, "lengths", "http/request")],
    )
