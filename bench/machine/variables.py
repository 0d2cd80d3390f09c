"""The environment of the servers under test: the user's, except for variables that would change the measurement."""

import os
from pathlib import Path

# Prefixes of variables that tandem, Python and its servers, Node, libuv, the C library or the dynamic linker reads.
CHANGE_SERVERS = (
    "TANDEM_",
    "PYTHON",
    "VIRTUAL_ENV",
    "CONDA_",
    "WEB_CONCURRENCY",
    "GUNICORN_",
    "UVICORN_",
    "GRANIAN_",
    "NODE_",
    "WORKERS",
    "UV_",
    "MALLOC_",
    "GLIBC_TUNABLES",
    "LD_",
)


def change_servers(variables):
    """Returns the names of the variables that are withheld from servers."""
    return sorted(name for name in variables if name.startswith(CHANGE_SERVERS))


def is_of_venv(folder):
    """True if the folder is the bin/ of a virtual environment (PEP 405). tandem takes the first python3 on the PATH for
    its environment if it is one's."""
    return Path(folder).parent.joinpath("pyvenv.cfg").exists()


def for_servers(variables=None):
    """Returns ``variables``, os.environ by default, without those that change servers. PATH loses the bin/ folders of
    virtual environments."""
    variables = os.environ if variables is None else variables
    kept = {name: value for name, value in variables.items() if not name.startswith(CHANGE_SERVERS)}
    folders = kept.get("PATH", os.defpath).split(os.pathsep)
    return kept | {"PATH": os.pathsep.join(folder for folder in folders if not is_of_venv(folder))}


def kept_out(variables=None):
    """Returns a sentence for the user that names the withheld variables; None if there are none."""
    variables = os.environ if variables is None else variables
    names = [name for name in change_servers(variables) if name != "PYTHONPATH"]  # ./dev sets it for the driver
    return f"the servers are started without your {', '.join(names)}" if names else None
