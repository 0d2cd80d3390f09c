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
    LIST_ENTRY(connection) link;

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
        "link": "http/connection",
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
        ("LIST_INSERT_HEAD(&io_thread->connections, connection, link);", "link"),
        ("LIST_REMOVE(next, link);", "link"),
        ("TAILQ_INSERT_TAIL(&queues[f(kind, 1)], next,\n                  link);", "link"),
        ("SLIST_REMOVE(&connection->io_thread->kicked, connection, connection, link);", "link"),
        ("LIST_REMOVE(request, link);", None),  # another struct's link
        ("LIST_INSERT_HEAD(&request->connection, request, link);", None),
        ("LIST_REMOVE(connection, before_all);", None),
        ("LIST_FOREACH(connection, &io_thread->connections, link)", None),
        ("SLIST_REMOVE_HEAD(&io_thread->connections, link);", None),  # writes the head only
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
