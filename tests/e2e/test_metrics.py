"""/metrics: prometheus_client's parser reads it, and its values are those of /stats."""

import json
import math

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support import MODELS

WORKLOADS = ("plaintext", "json", "sleep", "primes", "hash", "file")
COUNTERS = {"counter", "histogram"}


def metrics(server, path="/metrics"):
    status, headers, body = server.get(path)
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return body.decode()


def families(text):
    return list(text_string_to_metric_families(text))


def samples(text):
    """Returns the value of every sample: ``{(name, labels): value}``."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def busy():
    """A server in which every model has run the WORKLOADS, and has answered 400 once."""
    from support import Server

    server = Server("--mode", "compare")
    for model in MODELS:
        for workload in WORKLOADS:
            for _ in range(3):
                assert server.get(f"/{model}/{workload}")[0] == 200
        assert server.get(f"/{model}/sleep?ms=x")[0] == 400
    yield server
    server.stop()


def test_families_are_whole_and_no_sample_is_there_twice(busy):
    text = metrics(busy)
    family, names, seen = None, [], set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            names.append(family)
            assert len(line.split(" ", 3)[3]) > 5
        elif line.startswith("# TYPE "):
            name, kind = line.split(" ")[2:]
            assert name == family and kind in {"counter", "gauge", "histogram"}
            assert name.startswith("tandem_") and name.endswith("_total") == (kind == "counter")
        else:
            name = line.split("{")[0].split(" ")[0]
            suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            assert name in {family + suffix for suffix in suffixes}
            key = line.rsplit(" ", 1)[0]
            assert key not in seen
            seen.add(key)
    assert len(names) == len(set(names))
    assert text.endswith("\n")
    assert {family.name for family in families(text)} == {name.removesuffix("_total") for name in names}


def test_histograms_are_cumulative(busy):
    for family in families(metrics(busy)):
        if family.type != "histogram":
            continue
        assert len({sample.labels.get("phase") for sample in family.samples}) in (1, 6)
        series = {}
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "le"}
            series.setdefault(frozenset(labels.items()), []).append(sample)
        for its in series.values():
            buckets = [sample for sample in its if sample.name.endswith("_bucket")]
            edges = [float(sample.labels["le"]) for sample in buckets]
            assert edges == sorted(edges) and (edges[0], edges[-2], edges[-1]) == (50e-6, 60, math.inf)
            counts = [sample.value for sample in buckets]
            assert counts == sorted(counts)
            (count,) = [sample.value for sample in its if sample.name.endswith("_count")]
            assert counts[-1] == count


def test_models_are_those_of_stats(busy):
    values, models = samples(metrics(busy)), busy.stats()["models"]
    for name, model in models.items():

        def value(metric, name=name, **labels):
            return values.pop((metric, frozenset({"model": name, **labels}.items())))

        assert value("tandem_model_threads") == model["threads"]
        assert value("tandem_model_queue_limit") == model["queue_limit"]
        assert value("tandem_model_queue_length") == value("tandem_model_in_flight") == 0
        for workload, its in model["workloads"].items():
            assert value("tandem_requests_total", workload=workload) == its["requests_total"] > 0
            assert value("tandem_request_errors_total", workload=workload) == its["errors_total"]
            for phase, histogram in its["phases"].items():
                if phase == "gil" and not name.startswith("py-"):
                    continue
                labels = {"workload": workload, "phase": phase}
                assert value("tandem_request_phase_seconds_count", **labels) == histogram["count"]
                assert value("tandem_request_phase_seconds_sum", **labels) == pytest.approx(histogram["sum"], abs=1e-9)
                if histogram["count"] and not 0.00099 < histogram["max"] < 0.00101:
                    below = value("tandem_request_phase_seconds_bucket", le="0.001", **labels)
                    assert (below == histogram["count"]) == (histogram["max"] < 0.001)
    left = {dict(labels)["model"] for name, labels in values if name == "tandem_requests_total"}
    assert not left


def test_the_rest_is_that_of_stats(busy):
    values, stats = samples(metrics(busy)), busy.stats()

    def value(metric, **labels):
        return values[metric, frozenset(labels.items())]

    http, tandem = stats["http"], stats["tandem"]
    build = {name: tandem[name] for name in ("version", "python", "libuv", "libmicrohttpd")}
    assert value("tandem_build_info", **build) == 1
    assert value("tandem_process_start_time_seconds") == pytest.approx(tandem["started_at"], abs=0.01)
    assert value("tandem_process_threads") == stats["process"]["threads"]
    assert value("tandem_http_requests_total") == http["requests_total"] - 1
    assert value("tandem_http_responses_total", code="4xx") == http["responses"]["4xx"] > 0
    for reason, count in http["rejected"].items():
        assert value("tandem_http_rejected_total", reason=reason) == count
    gil = stats["gil"][0]
    if gil["waits_total"] is not None:
        assert value("tandem_gil_waits_total", interpreter="0") <= gil["waits_total"]
    assert value("tandem_gil_looks_held_total", interpreter="0") <= value("tandem_gil_looks_total", interpreter="0")
    assert value("tandem_loop_delay_seconds_count", loop="0") <= stats["loops"][0]["delay"]["count"]


def test_counters_only_grow(busy):
    before = metrics(busy)
    for model in MODELS:
        busy.get(f"/{model}/json")
    after = metrics(busy)
    old, new = samples(before), samples(after)
    growing = {family.name for family in families(before) if family.type in COUNTERS}
    assert old.keys() == new.keys()
    for (name, labels), value in old.items():
        if any(name.startswith(family) for family in growing):
            assert new[name, labels] >= value, (name, labels)
    for model in MODELS:
        key = "tandem_requests_total", frozenset({"model": model, "workload": "json"}.items())
        assert new[key] == old[key] + 1


def test_stats_in_prometheus_s_format(busy):
    assert samples(metrics(busy, "/stats?format=prometheus")).keys() == samples(metrics(busy)).keys()
    assert json.loads(busy.get("/stats?format=json")[2])["tandem"]["since"] is None
    status, _, body = busy.get("/stats?format=yaml")
    assert (status, json.loads(body)["error"]) == (400, "format must be one of json, prometheus")
    busy.set_mark("m")
    status, _, body = busy.get("/stats?format=prometheus&since=m")
    assert status == 400 and "since" in json.loads(body)["error"]


def test_without_python(serve):
    server = serve("--mode", "uv-loop")
    values = samples(metrics(server))
    (build,) = (dict(labels) for name, labels in values if name == "tandem_build_info")
    assert build["python"] == ""
    assert not any("gil" in name for name, _ in values)
