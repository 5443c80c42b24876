"""The records: read anew each time, replaced whole or not at all."""

import json

import pytest

from d2lmini.timing import records


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data folder with a record of costs in it."""
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    (tmp_path / "costs.json").write_text('{"old": 1}')
    return tmp_path


@pytest.mark.parametrize("name", records.NAMES)
def test_every_record_is_there_with_the_machine_it_was_measured_on(name):
    record = records.load(name)
    machines = [part["machine"] for part in record.values()] if name == "benchmarks" else [record["machine"]]
    assert all({"processor", "date", "numpy", "torch"} <= machine.keys() for machine in machines)


def test_nobody_changes_what_another_reads(folder):
    records.load("costs")["old"] = 2
    assert records.load("costs") == {"old": 1}


def test_a_record_is_replaced_whole_or_not_at_all(folder):
    with pytest.raises(TypeError):
        records.store("costs", {"cannot be written": object()})
    assert records.load("costs") == {"old": 1} and [path.name for path in folder.iterdir()] == ["costs.json"]
    records.store("costs", {"new": [0.5]})
    assert json.loads((folder / "costs.json").read_text()) == {"new": [0.5]}
    assert [path.name for path in folder.iterdir()] == ["costs.json"]


@pytest.mark.parametrize("call", [lambda: records.load("prices"), lambda: records.store("prices", {})])
def test_an_unknown_record_is_named(call):
    with pytest.raises(ValueError, match="name must be one of 'costs', 'vectorization', 'benchmarks', not 'prices'"):
        call()


def test_numbers_are_rounded_wherever_they_stand():
    assert records.rounded({"a": [1.23456, {"b": 12345.6}], "c": "1.23456", "d": 7}, 3) == {
        "a": [1.23, {"b": 12300.0}],
        "c": "1.23456",
        "d": 7,
    }
