"""The environment variables that servers are measured with: the user's, but for those that change what is measured."""

import os
from pathlib import Path

# Of tandem, Python and its servers, Node, libuv, the C library and the dynamic linker.
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
    """The names of those that are kept from servers."""
    return sorted(name for name in variables if name.startswith(CHANGE_SERVERS))


def is_of_venv(folder):
    """Whether it is the bin/ of a virtual environment (PEP 405). An embedded Python takes the first python3 on the PATH
    for its own executable, and so would find that environment's packages."""
    return Path(folder).parent.joinpath("pyvenv.cfg").exists()


def for_servers(variables=None):
    """``variables``, os.environ by default, without those that change servers and without activated environments."""
    variables = os.environ if variables is None else variables
    kept = {name: value for name, value in variables.items() if not name.startswith(CHANGE_SERVERS)}
    folders = kept.get("PATH", os.defpath).split(os.pathsep)
    return kept | {"PATH": os.pathsep.join(folder for folder in folders if not is_of_venv(folder))}


def kept_out(variables=None):
    """A sentence for the user; None where nothing is kept from the servers that the user has set."""
    variables = os.environ if variables is None else variables
    names = [name for name in change_servers(variables) if name != "PYTHONPATH"]  # which ./dev sets for the driver
    return f"the servers are started without your {', '.join(names)}" if names else None
