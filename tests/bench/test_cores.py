import pytest

from bench.machine import cores


@pytest.fixture
def machine(monkeypatch):
    """``machine([{0, 4}, {1, 5}])`` simulates a machine of cores with these hyperthreads."""

    def make(threads_of_cores, usable=None):
        every = {cpu: threads for threads in threads_of_cores for cpu in threads}
        monkeypatch.setattr(cores, "siblings", every.__getitem__)
        monkeypatch.setattr(cores, "usable", lambda: usable or set(every))

    return make


def test_server_and_load_are_on_two_cores(machine):
    machine([{0, 1}, {2, 3}])
    assert cores.assign() == ({0}, {2})
    assert cores.describe() == "server on core 0, load generator on core 2"


def test_hyperthreads_of_one_core_are_said_to_be(machine):
    machine([{0, 1}])
    assert cores.assign() == ({0}, {1})
    assert cores.describe().endswith("hyperthreads of one core, which slow each other")


def test_one_core_is_said_to_be_shared(machine):
    machine([{0}, {1}], usable={1})
    assert cores.assign() == ({1}, {1})
    assert cores.describe().startswith("server and load generator share core 1: only one is usable here")


def test_shared_cores_are_all_that_are_usable(machine):
    machine([{0}, {1}, {2}], usable={0, 2})
    with cores.shared():
        assert cores.assign() == ({0, 2}, {0, 2})
    assert cores.assign() == ({0}, {2})


def test_siblings_of_a_real_cpu_include_itself():
    for cpu in cores.usable():
        assert cpu in cores.siblings(cpu)
