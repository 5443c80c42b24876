"""What the chapter on vectorization claims of any machine, measured on this one; and the arithmetic around it."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from d2lmini.core.steps import finish
from d2lmini.labs import products as lab
from d2lmini.timing import bandwidth, products, records, roofline, rounds
from d2lmini.timing.bandwidth import Level

N = 256
KIB, MIB = 2**10, 2**20
WAYS = {
    "element": products.by_element,
    "row": products.by_row,
    "column": products.by_column,
    "block": products.by_block,
    "whole": products.whole,
}


@pytest.fixture(scope="module")
def stairs():
    """The best of forty rounds."""
    sizes = [64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB, 4 * MIB, 8 * MIB, 16 * MIB, 80 * MIB, 96 * MIB, 128 * MIB]
    return finish(bandwidth.staircase(sizes, 40))


@pytest.fixture(scope="module")
def rates():
    """GFLOP/s of each way by library and n, best of forty or twenty rounds."""
    timings = {
        (library, n): finish(products.time_ways(library, n, [1, 8, 64, n], repeats))
        for library in products.LIBRARIES
        for n, repeats in ((N, 40), (1024, 20))
    }
    return {
        (library, n): {way: products.gflop(n, n, n) / timing.best for way, timing in ways.items()}
        for (library, n), ways in timings.items()
    }


# Ways to multiply


@pytest.mark.proves("Do they compute the same, in both libraries?")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("library", products.LIBRARIES)
def test_every_way_gives_the_same_product(way, library):
    A, B, C = products.matrices(library, 70)  # a last block of six columns
    WAYS[way](A, B, C)
    assert np.allclose(np.asarray(A), np.asarray(B, np.float64) @ np.asarray(C, np.float64), atol=1e-4)


@given(n=st.integers(1, 40), width=st.integers(1, 50))
def test_blocks_of_any_width_cover_the_product(n, width):
    A, B, C = products.matrices("numpy", n)
    products.by_block(A, B, C, width)
    assert np.allclose(A, B @ C, atol=1e-4)


@given(m=st.integers(1, 9), k=st.integers(1, 9), n=st.integers(1, 9), seed=st.integers(0, 99))
def test_every_way_multiplies_matrices_of_any_shape(m, k, n, seed):
    rng = np.random.default_rng(seed)
    B, C = rng.normal(size=(m, k)), rng.normal(size=(k, n))
    for way in (products.by_element, products.by_row, products.by_column, products.by_block, products.whole):
        A = np.zeros((m, n))
        way(A, B, C)
        np.testing.assert_allclose(A, B @ C, rtol=1e-12, atol=1e-12)


@given(n=st.integers(1, 200), library=st.sampled_from(list(products.LIBRARIES)), data=st.data())
def test_a_call_to_be_timed_computes_the_share_of_the_product_that_it_says(n, library, data):
    chosen = data.draw(st.lists(st.integers(1, n), min_size=1, max_size=3, unique=True))
    A, B, C = products.matrices(library, n)
    for way, (call, share) in products.calls_of(A, B, C, chosen).items():
        A[:] = 0
        call()
        done = np.asarray(A) != 0
        assert done.mean() == pytest.approx(share), way
        np.testing.assert_allclose(np.asarray(A)[done], np.asarray(B @ C)[done], atol=1e-3)


def test_a_product_of_256_is_a_thirtieth_of_a_gflop():
    assert products.gflop(N, N, N) == pytest.approx(0.033554432, rel=1e-12)


@pytest.mark.proves("a product has $2n^3$ floating-point operations")
@given(m=st.integers(1, 9), k=st.integers(1, 9), n=st.integers(1, 9))
def test_the_work_of_a_product_is_two_operations_for_each_triple(m, k, n):
    triples = sum(1 for _ in np.ndindex(m, k, n))
    assert products.gflop(m, k, n) == pytest.approx(2 * triples / 1e9)


@pytest.mark.timed
@pytest.mark.parametrize("library", products.LIBRARIES)
def test_larger_pieces_are_faster(rates, library):
    rate = rates[library, N]
    assert rate[N] >= 3 * rate[1], "whole against columns"
    assert rate[64] >= 3 * rate[1], "blocks of 64 against columns"
    assert rate[1] >= 3 * rate["element"], "columns against elements"


@pytest.mark.timed
def test_a_sample_takes_as_long_as_its_share():
    """Timing a part of A and scaling it up gives the time of all of A."""
    A, B, C = products.matrices("numpy", 128)
    sample, share = products.calls_of(A, B, C, [1])["element"]
    assert share == 1 / 8
    times = rounds.in_turns({"sample": sample, "all": lambda: products.by_element(A, B, C)}, 20)
    assert times["sample"].best / share == pytest.approx(times["all"].best, rel=0.3)


@given(n=st.integers(1, 5000))
def test_widths_go_from_one_column_to_all(n):
    widths = products.widths(n)
    assert widths[0] == 1 and widths[-1] == n and widths == sorted(set(widths))


# Memory


@pytest.mark.timed
def test_the_fastest_memory_is_twice_as_fast_as_the_slowest(stairs):
    rates = [max(pair) for pair in zip(stairs["copy"], stairs["dot"])]
    assert max(rates) >= 2 * min(rates[-3:]), rates
    assert len(roofline.steps(stairs)) >= 2


@pytest.mark.timed
def test_summing_columns_of_a_large_matrix_is_slower_than_summing_rows():
    side = 4000  # 64 MB
    result = finish(bandwidth.sums((side,), 20))
    assert result["columns"][0] >= 1.5 * result["rows"][0]


@pytest.mark.parametrize("side", [1, 5, 399, 400, 401, 1000])
def test_sums_are_told_for_each_of_the_numbers_that_are_read(side, monkeypatch):
    read = {}

    def turns(calls, repeats):
        read.update({key: call.args[0].size for key, call in calls.items()})
        yield None
        return {key: rounds.Timing.of([1.0]) for key in calls}

    monkeypatch.setattr(bandwidth, "turns", turns)
    result = finish(bandwidth.sums((side,), 1))
    assert read["rows", side] == read["columns", side] == min(side, 400) * side
    assert result == {"side": [side], **{way: [pytest.approx(1e9 / read[way, side])] for way in ("rows", "columns")}}


def test_sums_add_up_every_line_they_are_given():
    class Line:
        summed = 0

        def sum(self):
            Line.summed += 1

    bandwidth.add_up([Line(), Line(), Line()])
    assert Line.summed == 3


def test_the_system_tells_caches_that_grow():
    sizes = list(bandwidth.caches().values())
    assert sizes == sorted(sizes) and all(size > 0 for size in sizes)


def synthetic(lengths, rates, overhead=0.0, noise=0.0, seed=0):
    """Sizes and the rates of a machine with one plateau after the other, seen through a cost per call (seconds)."""
    sizes = np.array([4096 * 2 ** (k / 2) for k in range(sum(lengths))])
    per_byte = 1 / (np.repeat(rates, lengths) * 1e9)
    seen = sizes / (overhead + sizes * per_byte) / 1e9
    return sizes, seen * (1 + noise * np.random.default_rng(seed).uniform(-1, 1, len(seen)))


def test_steps_of_a_clean_staircase_are_found_where_they_are():
    sizes, rates = synthetic([8, 8, 8], [100.0, 40.0, 10.0])
    found = bandwidth.levels(sizes, rates)
    assert [level.rate for level in found] == pytest.approx([100, 40, 10])
    assert [level.upto for level in found] == [np.sqrt(sizes[7] * sizes[8]), np.sqrt(sizes[15] * sizes[16]), None]


def test_a_flat_line_is_one_level():
    assert bandwidth.levels(*synthetic([20], [30.0], noise=0.1)) == [Level(None, pytest.approx(30, rel=0.05))]


def test_a_rise_is_no_step():
    assert len(bandwidth.levels(*synthetic([8, 8], [10.0, 40.0]))) == 1
    assert len(bandwidth.levels(*synthetic([5, 5, 5], [40.0, 10.0, 20.0]))) == 2


@given(
    lengths=st.lists(st.integers(5, 9), min_size=1, max_size=4),
    falls=st.lists(st.floats(1.8, 4), min_size=4, max_size=4),
    seed=st.integers(0, 10_000),
)
def test_steps_are_found_in_noise_and_behind_the_cost_of_a_call(lengths, falls, seed):
    rates = 200 / np.cumprod([1, *falls])[: len(lengths)]
    lengths = [lengths[0] + 12, *lengths[1:]]  # the cost of a call hides the first dozen
    sizes, seen = synthetic(lengths, rates, overhead=2e-7, noise=0.05, seed=seed)
    found = bandwidth.levels(sizes, seen)
    assert len(found) == len(lengths)
    ends = [np.searchsorted(sizes, level.upto) for level in found[:-1]]
    assert np.abs(np.array(ends) - np.cumsum(lengths)[:-1]).max(initial=0) <= 1


@pytest.mark.parametrize(
    ("sizes", "rates", "message"),
    [
        ([1, 2], [1, 2], "3 or more"),
        ([1, 2, 3], [1, 2], "same length"),
        ([1, 2, 3], [1, 0, 2], "above 0"),
        ([1, 2, 3], [1, np.nan, 2], "finite"),
        ([1, 3, 2], [1, 1, 1], "sort"),
    ],
)
def test_staircases_that_are_none_are_refused(sizes, rates, message):
    with pytest.raises(ValueError, match=message):
        bandwidth.levels(sizes, rates)


# Roofs


@given(n=st.integers(1, 5000), width=st.integers(1, 5000))
def test_intensity_is_work_over_bytes_moved(n, width):
    flop = 1e9 * products.gflop(n, n, width)
    assert roofline.intensity(n, width) == pytest.approx(flop / roofline.working_set(n, width))


@given(n=st.integers(1, 5000), width=st.integers(1, 5000))
def test_wider_blocks_do_more_for_each_byte_but_never_more_than_a_quarter_of_n(n, width):
    assert roofline.intensity(n, width) < roofline.intensity(n, width + 1) < n / 4


def test_one_element_does_a_quarter_of_a_flop_for_each_byte():
    assert roofline.element_intensity(10**6) == pytest.approx(0.25, rel=1e-5)


def test_memory_limits_a_narrow_product_and_arithmetic_a_wide_one():
    assert roofline.roof(80.0, 30.0, 0.5) == 15
    assert roofline.roof(80.0, 30.0, 50) == 80


@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_a_roof_is_the_lower_of_two_limits_and_rises_with_each(peak, rate, flop_per_byte):
    roof = roofline.roof(peak, rate, flop_per_byte)
    assert roof == min(peak, rate * flop_per_byte)
    assert roof <= roofline.roof(2 * peak, 2 * rate, flop_per_byte) == pytest.approx(2 * roof)


@given(st.lists(st.floats(1, 1e9), min_size=1, max_size=5, unique=True), st.floats(0.5, 2e9))
def test_the_level_that_holds_data_is_the_smallest_that_is_large_enough(ends, size):
    levels = [Level(end, 1.0) for end in sorted(ends)] + [Level(None, 1.0)]
    enough = [end for end in ends if end >= size]
    assert roofline.holding(levels, size).upto == (min(enough) if enough else None)


@given(n=st.integers(1, 5000), seconds=st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=5))
def test_rates_and_seconds_are_the_work_apart(n, seconds):
    for rate, taken in zip(roofline.rates(n, seconds), seconds):
        assert rate * taken * 1e9 == pytest.approx(2 * n**3)


@given(
    lengths=st.lists(st.integers(5, 9), min_size=1, max_size=4),
    factor=st.floats(0.01, 100),
    unit=st.floats(0.5, 1000),
)
def test_the_units_of_bytes_and_rates_do_not_change_the_levels(lengths, factor, unit):
    sizes, rates = synthetic(lengths, 200 / np.cumprod([2.0] * len(lengths)), noise=0.05)
    plain, scaled = bandwidth.levels(sizes, rates), bandwidth.levels(sizes * unit, rates * factor)
    assert [level.rate * factor for level in plain] == pytest.approx([level.rate for level in scaled])
    assert [level.upto and level.upto * unit for level in plain] == pytest.approx([level.upto for level in scaled])


def test_data_lies_in_the_first_level_that_holds_it():
    levels = [Level(1000.0, 90.0), Level(10_000.0, 50.0), Level(None, 10.0)]
    assert [roofline.holding(levels, size).rate for size in (1000, 1001, 10_001)] == [90, 50, 10]


@pytest.mark.timed
@pytest.mark.parametrize("library", products.LIBRARIES)
@pytest.mark.parametrize("n", [N, 1024])
def test_no_product_rises_above_its_roof(stairs, rates, library, n):
    levels = roofline.steps(stairs)
    peak = max(max(ways.values()) for ways in rates.values())
    reach = {"element": (roofline.element_intensity(n), 1), "row": (roofline.intensity(n, 1), 1)}
    for way, reached in rates[library, n].items():
        flop_per_byte, width = reach.get(way) or (roofline.intensity(n, way), way)
        level = roofline.holding(levels, roofline.working_set(n, width))
        assert reached <= 1.15 * roofline.roof(peak, level.rate, flop_per_byte), (way, reached, level)


# Timing


@pytest.fixture
def two_threads():
    """As a reader's kernel has them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    with threadpool_limits(2):
        yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("two_threads")
def test_everything_is_timed_on_one_thread_and_the_number_of_threads_is_put_back():
    seen = []
    before = torch.get_num_threads(), [pool["num_threads"] for pool in threadpool_info()]
    work = rounds.turns({"": lambda: seen.append((torch.get_num_threads(), blas()))}, 2)
    finish(work)
    assert {threads for threads, _ in seen} == {1} and {pool for _, pools in seen for pool in pools} == {1}
    assert before == (torch.get_num_threads(), [pool["num_threads"] for pool in threadpool_info()])


def blas() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


@pytest.mark.usefixtures("two_threads")
def test_between_two_timings_others_have_all_their_threads():
    before = torch.get_num_threads(), blas()
    for _ in rounds.turns({"": int}, 2):
        assert before == (torch.get_num_threads(), blas())


def test_functions_take_turns_after_a_warm_up():
    called = []
    slow = {name: lambda name=name: called.append(name) or sum(range(20_000)) for name in "ab"}
    timings = rounds.in_turns(slow, 3)
    assert "".join(called).startswith("aabb")
    assert timings["a"].repeats == 3 and 0 < timings["a"].best <= timings["a"].median


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match=r"functions\['a'\] must be a function"):
        rounds.in_turns({"a": 1})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: products.matrices("jax", 4), "library must be one of 'numpy', 'torch', not 'jax'"),
        (lambda: products.matrices("numpy", 0), "n must be a whole number of at least 1, not 0"),
        (lambda: products.gflop(0, 1, 1), "rows must be"),
        (lambda: finish(products.time_ways("numpy", 4, [5])), "block_widths must be a whole number from 1 to 4, not 5"),
        (lambda: finish(bandwidth.staircase([4])), "sizes must be a whole number of at least 8"),
        (lambda: finish(bandwidth.sums((0,))), "sides must be"),
        (lambda: roofline.intensity(4, 0), "width must be"),
        (lambda: roofline.roof(-1.0, 1.0, 1.0), "peak must be"),
        (lambda: rounds.in_turns({}, 0), "repeats must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The record


@pytest.fixture
def small_tables(monkeypatch):
    monkeypatch.setattr(bandwidth, "SIZES", bandwidth.SIZES[:8])
    monkeypatch.setattr(bandwidth, "SIDES", (10, 20))


def test_short_measurements_are_repeated_more_often(small_tables, monkeypatch):
    asked = {}

    def time_ways(library, n, repeats):
        asked[n] = repeats
        return whole(library, 4, repeats=1)

    whole = products.time_ways
    monkeypatch.setattr(products, "time_ways", time_ways)
    roofline.measure((4, 256, 4096), repeats=2)
    assert asked == {4: 40, 256: 8, 4096: 2}


def test_what_is_measured_has_the_form_of_the_record(small_tables):
    measured = roofline.measure(sizes=(4, 8), repeats=2)
    assert measured.keys() == records.load("vectorization").keys()
    assert measured["products"]["torch"]["8"]["widths"] == [1, 2, 4, 8]
    assert json.loads(json.dumps(measured)) == measured == records.rounded(measured)


def test_the_record_holds_all_that_the_lab_offers():
    table = roofline.for_the_lab()
    for library in products.LIBRARIES:
        for n in roofline.SIZES:
            ways = table["products"][library][str(n)]
            assert ways["widths"] == [width for width in lab.CHOICES["width"] if width <= n]
            assert min(ways["seconds"]) > 0 and ways["element"] > 0 and ways["row"] > 0
    assert {"processor", "date", "numpy", "torch"} <= table["machine"].keys()


def test_the_record_shows_what_the_chapter_says():
    """Looser than what is measured above: a record made on another machine has to fit the text too."""
    whole = records.load("vectorization")
    for sizes in whole["products"].values():
        ways = sizes["256"]
        columns, all_at_once = ways["best"][0], ways["best"][-1]
        assert ways["element"][0] > 100 * all_at_once and columns > 3 * all_at_once
    assert whole["sums"]["columns"][-1] > 1.5 * whole["sums"]["rows"][-1]
    assert whole["levels"][0]["rate"] > 2 * whole["bandwidth"]["copy"][-1]
    assert len(whole["levels"]) >= 2 and whole["repeats"] >= 20
