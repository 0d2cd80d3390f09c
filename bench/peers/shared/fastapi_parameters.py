"""The parameters of the workloads, declared for FastAPI. FastAPI answers 422 if one is out of range."""

from typing import Annotated

import work
from fastapi import Query


def _between(parameter):
    return Query(ge=parameter.low, le=parameter.high)


Ms = Annotated[int, _between(work.MS)]
N = Annotated[int, _between(work.N)]
Kib = Annotated[int, _between(work.KIB)]
Rounds = Annotated[int, _between(work.ROUNDS)]
Size = Annotated[int, _between(work.SIZE)]
