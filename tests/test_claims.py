"""What the book claims, and how each claim is checked.

A claim is a piece of the text as it stands in its chapter: if the text loses it the test fails, so that text and proof move
together. For the kinds of checks see claims.py. A claim about speed is a ratio, recorded or timed anew, with bounds that a
noisy machine keeps and a wrong sentence does not.
"""

import hashlib
import math
from itertools import pairwise

import claims as c
import numpy as np
import pytest
from book import CHAPTERS, text
from claims import Between, Holds, Prints, Proved, Timed, near

from d2lmini import exercises, get_data
from d2lmini.core import noise, schedules, theory
from d2lmini.core.rows import CSV
from d2lmini.data import ORIGINALS
from d2lmini.exercises.programs import MICROSECONDS, UPDATES
from d2lmini.labs import path
from d2lmini.labs.genie import METHODS
from d2lmini.timing import products, roofline

LIMIT = 2 / c.CURVATURES[-1]  # of the rate of gradient descent

EVERY_FIVE, GROWING = schedules.step(10, 5), schedules.growing(10, 20, 10, 5)

CLAIMS = {
    "index": {
        "The thin lines are the two extremes and two runs between them": Proved(
            "browser/test_page.py::test_the_classic_runs_have_their_classic_budgets"
        ),
        "Every lab works there, on any device, without a network once the page is loaded": Proved(
            "browser/test_every_chapter.py::test_a_lab_lives_on_a_page_opened_from_the_disk"
        ),
        "A lab's Copy link button gives you an address with its exact setting": Proved(
            "browser/test_share.py::test_every_lab_survives_a_link_into_another_browser_and_hands_out_what_it_shows"
        ),
        "`&lock=batch,lr` fixes controls that your students shall not move": Proved(
            "browser/test_share.py::test_a_locked_control_stays_whatever_a_hand_does"
        ),
        "a page shows that lab alone, for an iframe of your own": Proved(
            "browser/test_share.py::test_another_page_embeds_one_lab_that_works"
        ),
        "Every number in the text is computed by a cell that you can run, or cited": Proved(
            "test_prose.py::test_every_measured_number_in_the_text_is_computed_or_cited"
        ),
        "at 0.05 it jumps about": Between(1.3, lambda: c.jump(0.05), 3),
        "three thousand small steps end close to the best possible": Between(0, lambda: c.end(1, 0.005), 4),
        "at 0.2 it leaves the picture": Between(4, lambda: max(c.run(1, 0.2).loss) / c.run(1, 0.2).loss[0], math.inf),
        "two updates at 0.05 hardly move": Between(0.8, lambda: c.to_go(0.05, 2), 1),
        "come much closer": Between(0, lambda: c.to_go(0.79, 2) / c.to_go(0.05, 2), 0.2),
        "3,000 updates of one example, 300 of ten, 2 of all": Holds(
            lambda: [c.run(b, 0.005).updates[-1] for b in (1, 10, 1500)] == [3000, 300, 2]
        ),
        "Averaging over $b$ examples divides the noise, the standard deviation of the gradient, by about $\\sqrt{b}$": near(
            10, lambda: c.deviation(1) / c.deviation(100), 0.05
        ),
        "ten times less noise takes a hundred times more examples": near(
            10, lambda: c.deviation(1, True) / c.deviation(100, True)
        ),
        "a hundred examples as one matrix product cost far less than a hundred times one": Timed(
            0.5, lambda: c.update("numpy", 100, "numpy", 1), 20
        ),
        "An exact gradient would now cost a hundred times more and be the same gradient": Holds(
            lambda: np.allclose(noise.gradient(c.ZERO, (np.tile(c.A, (100, 1)), np.tile(c.Y, 100))), c.G, rtol=1e-10)
        ),
        "A single example is little better than a guess": Between(70, lambda: c.angle(1), 85),
        "Ten already point roughly the right way, for less than a hundredth of the work": Between(
            40, lambda: c.angle(10), 60
        ),
        "The last factor of ten, from a hundred to a thousand, buys the least for the most": Holds(
            lambda: np.argmin(-np.diff([c.angle(b) for b in (1, 10, 100, 1000)])) == 2
        ),
        "Each device computes the gradient of its own examples, and the gradients are averaged": Prints(
            "at least 128 examples in a minibatch"
        ),
        "About sixteen times": near(4, lambda: c.deviation(10, True) / c.deviation(160, True)),
        "That of ten random rows costs the same as before and is about as noisy as before": near(
            1, lambda: c.deviation(10, copies=10) / c.deviation(10), 0.01
        ),
    },
    "vectorization": {
        "L2 serves this thread hardly faster than L3": near(1, c.second_cache_against_third, 0.15),
        "All five do the same multiplications and additions": Proved(
            "test_roofline.py::test_every_way_gives_the_same_product"
        ),
        "In NumPy the whole product is hundreds of times as fast as element by element": [
            Between(150, lambda: c.speed("numpy", 256, 256) / c.speed("numpy", 256, "element"), 999),
            Timed(50, lambda: c.product(products.by_element, products.whole), 2000),
        ],
        "more than a thousand times": [
            Between(1000, lambda: c.speed("torch", 256, 256) / c.speed("torch", 256, "element"), 5000),
            Timed(200, lambda: c.product(products.by_element, products.whole, "torch", 3), 10_000),
        ],
        "whole columns are already far better, and blocks of 64 nearly as good as everything at once": [
            Between(20, lambda: c.speed("numpy", 256, 1) / c.speed("numpy", 256, "element"), 500),
            Between(0.8, lambda: c.speed("numpy", 256, 64) / c.speed("numpy", 256, 256), 1.1),
            Timed(10, lambda: c.product(products.by_element, products.by_column), 1000),
            Timed(0.8, lambda: c.product(products.by_block, products.whole, repeats=50), 2.5),
        ],
        "With matrices of 16 even the whole product stays far below its roof": Between(
            0, lambda: c.speed("numpy", 16, 16) / c.RECORD["peak"], 0.2
        ),
        "With matrices of 4,096 single columns meet a lower roof than before": Holds(
            lambda: roofline.steps(c.RECORD["bandwidth"])[-1].rate < roofline.steps(c.RECORD["bandwidth"])[0].rate
        ),
        "a product has $2n^3$ floating-point operations": [
            near(0.033554432, lambda: products.gflop(256, 256, 256), 1e-12),
            Proved("test_roofline.py::test_the_work_of_a_product_is_two_operations_for_each_triple"),
            Prints("60 times too much"),
        ],
        "The last step, to the whole, is small": Between(
            1, lambda: c.speed("torch", 256, 256) / c.speed("torch", 256, 64), 1.25
        ),
        "Most of the time is not spent on multiplication": [
            Between(0.5, lambda name=name: c.overhead(name), 1) for name in products.LIBRARIES
        ],
        "up to some size work is free, because the call costs the same anyway": Timed(
            0.3, lambda: c.times_as_long(lambda: np.ones(1000) @ np.ones(1000), lambda: np.ones(8) @ np.ones(8), 50), 4
        ),
        "The price of one call would have paid for hundreds of dot products": Between(
            100, lambda: min(map(c.call, products.LIBRARIES)) / (2 * 256), 999
        ),
        "in each cycle a unit can multiply two of them, number by number, and add the result to a third": Prints(
            "32 FLOP per cycle and unit; 16 cores with one unit each: 1.02 TFLOP/s"
        ),
        "A processor that fetched every number from memory would stand still nearly all the time": Prints(
            "41 times too few"
        ),
        "There is one step, a little before the size of L3": [
            Holds(lambda: len(c.RECORD["levels"]) == 2),
            Between(0.5, lambda: c.RECORD["levels"][0]["upto"] / c.RECORD["caches"]["L3"], 1),
        ],
        "slower by a factor of two or so": Between(
            1.5, lambda: c.RECORD["levels"][0]["rate"] / c.RECORD["levels"][-1]["rate"], 3
        ),
        "Three matrices of 256 fit a cache with ease": Between(
            0, lambda: roofline.working_set(256, 256) / c.RECORD["caches"]["L2"], 0.8
        ),
        "two things slow NumPy's columns down at $n = 256$: calls, and a cache that feeds too slowly": near(
            c.speed("numpy", 256, 1), c.columns_by_model, 0.1
        ),
        "From $n = 1024$ to 4096 single rows and columns lose about half of their speed, and the whole product hardly any": [
            *(
                Between(0.4, lambda w=w: c.speed("numpy", 4096, w) / c.speed("numpy", 1024, w), 0.65)
                for w in ("row", 1)
            ),
            Between(0.9, lambda: c.speed("numpy", 4096, 4096) / c.speed("numpy", 1024, 1024), 1.1),
        ],
        "Columns cost far more than rows once the matrix outgrows the caches": [
            Between(2, lambda: c.RECORD["sums"]["columns"][-1] / c.RECORD["sums"]["rows"][-1], 20),
            Proved("test_roofline.py::test_summing_columns_of_a_large_matrix_is_slower_than_summing_rows"),
        ],
        "in a cache the order matters little": Between(
            0.8, lambda: max(np.divide(c.RECORD["sums"]["columns"], c.RECORD["sums"]["rows"])[:4]), 1.5
        ),
        "`M.T` copies nothing": Holds(lambda: np.shares_memory(M := np.ones((3, 2)), M.T)),
        "A single column uses each number of $B$ once: half a FLOP for each byte": near(
            0.5, lambda: roofline.intensity(4096, 1)
        ),
        "While $b$ is small against $n$, intensity is about $b/2$": near(8, lambda: roofline.intensity(4096, 16), 0.02),
        "Both libraries follow it at a distance": [
            Prints("the roof is flat from b = 6"),
            Proved("test_roofline.py::test_no_product_rises_above_its_roof"),
        ],
        "Two columns at a time are slower than one, and PyTorch leaps between 8 and 16": [
            Holds(lambda: all(c.speed(name, 4096, 2) < c.speed(name, 4096, 1) for name in products.LIBRARIES)),
            Between(2.5, lambda: c.speed("torch", 4096, 16) / c.speed("torch", 4096, 8), 50),
        ],
        "Its intensity never reaches a half": Between(
            0, lambda: max(10 * b / (4 * (b * 5 + 5 + b)) for b in range(1, 10_000)), 0.5
        ),
        "In the time that a call costs the processor could do a hundred thousand operations or more": [
            Between(1e5, lambda: min(map(c.call, products.LIBRARIES)), 1e7),
        ],
        "0.268 GFLOP, in 0.004 s: 67 GFLOP/s": near(67, lambda: products.gflop(512, 512, 512) / 0.004, 0.01),
        "$50 \\cdot 0.5 = 25$ GFLOP/s are below the peak: memory": near(
            25, lambda: roofline.roof(100, 50, roofline.intensity(1000, 1)), 0.01
        ),
        "and $50 \\cdot 42$ is far above 100: arithmetic": [
            near(42, lambda: roofline.intensity(1000, 100), 0.01),
            Holds(lambda: roofline.roof(100, 50, roofline.intensity(1000, 100)) == 100),
        ],
    },
    "minibatch-statistics": {
        "The ellipse is theory's and marks two standard deviations": Proved(
            "test_lab_gradients.py::test_the_ellipse_has_the_covariance_of_theory"
        ),
        "it was about twenty at the start and grew to hundreds on the way to this loss": Between(
            200, lambda: next(scale for scale, loss in zip(c.scales(), c.exact_losses()) if loss <= 0.25), 999
        ),
        "Up to a hundred rows the two ways hardly differ": near(
            1, lambda: c.deviation(100) / c.deviation(100, True), 0.05
        ),
        "Where the discount runs out, a larger batch no longer pays; the noise may set an end sooner": [
            Holds(
                lambda: c.recorded("torch", 150_000, 150_000) / 150_000 < c.recorded("torch", 100, 150_000) / 100 / 10
            ),
            Holds(lambda: c.race("torch", 150_000)[100] < c.race("torch", 150_000)[150_000] / 2),
        ],
        "C: 333 rows": near(2, lambda: c.deviation(100) / c.deviation(333), 0.002),
        "half the noise takes four times as many; that would be B, and it is right for rows drawn with replacement": near(
            2, lambda: c.deviation(100, True) / c.deviation(400, True), 1e-9
        ),
        "all 1,500 rows have no noise at all": Proved(
            "test_noise.py::test_a_batch_of_all_rows_without_replacement_has_no_noise"
        ),
        "With 300 draws the measured noise is itself uncertain by a few per cent": Between(0.01, c.uncertainty, 0.05),
        "The mean is far shorter than the gradients it averages": Between(
            3, lambda: np.linalg.norm(noise.gradients(c.ZERO), axis=1).mean() / np.linalg.norm(c.G), 4
        ),
        "The minibatch gradient is unbiased, at every batch size, with replacement or without": Proved(
            "test_noise.py::test_over_all_possible_batches_the_gradient_is_unbiased_and_spreads_as_the_formula_says"
        ),
        "A hundred times as many draws leave about a tenth of the error, give or take luck": Between(
            6, lambda: c.error(10) / c.error(1000), 16
        ),
        "their gradients, taken at the same weights, average to the full gradient exactly": Prints(
            "mean of 150 batches nearer to the full one than 1e-12: True"
        ),
        "two different rows have the covariance $-\\Sigma/(n-1)$": near(
            -noise.gradient_variance(c.ZERO, 1) / 1499, c.covariance_of_two_rows, 1e-9
        ),
        "At 750, half of the table, drawing without replacement has only $1/\\sqrt2$ of the noise": near(
            2**-0.5, lambda: c.deviation(750) / c.deviation(750, True)
        ),
        "whereas 1,500 rows with replacement miss some and repeat others": Proved(
            "test_data.py::test_with_replacement_some_rows_repeat_and_as_many_as_expected_are_missed"
        ),
        "Ten examples take off two thirds of the noise, the other 1,490 the rest": Between(
            0.64, lambda: 1 - c.deviation(10) / c.deviation(1), 0.7
        ),
        "Doubling a small batch divides the noise by $\\sqrt2$ only": near(
            2**0.5, lambda: c.deviation(4) / c.deviation(8), 0.01
        ),
        "at ten rows the noise is longer than the full gradient itself": Between(
            1, lambda: c.deviation(10) / np.linalg.norm(c.G), 2
        ),
        "Nearly all. The noise is spread over six directions": Between(0.98, lambda: c.downhill(10), 1),
        "it is the batch size at which the noise is as long as the gradient": Proved(
            "test_noise.py::test_at_the_noise_scale_the_noise_is_as_long_as_the_gradient"
        ),
        "About twenty examples at the start": near(20.3, lambda: noise.noise_scale(c.ZERO), 0.003),
        "more than twice that half-way": Between(
            2, lambda: noise.noise_scale(c.THETA / 2) / noise.noise_scale(c.ZERO), 3
        ),
        "at the optimum it is infinite": Holds(lambda: noise.noise_scale(c.THETA) == math.inf),
        "by $1/(1 + B/b)$ of what an exact one does": [
            near(1 / (1 + noise.noise_scale(c.ZERO) / b), lambda b=b: c.gain(b), 1e-3) for b in (2, 20, 400)
        ],
        "The noise scale grows in training: the gradient vanishes, the noise does not": Holds(
            lambda: all(a < b for a, b in pairwise(c.scales()))
        ),
        "Twelve updates later it would take more rows than the table has": Between(
            1500, lambda: c.scales()[-1], math.inf
        ),
        "a thousand come within a tenth": Prints("B = 21.8 (pairs: 1,000)"),
        "Both estimates are unbiased": Proved(
            "test_noise.py::test_over_all_possible_pairs_of_batches_with_replacement_the_estimate_is_unbiased"
        ),
        "Without it, the mean of the first estimate is $\\|\\mathbf{G}\\|^2 - \\operatorname{tr}\\Sigma/(n-1)$": Proved(
            "test_noise.py::test_without_replacement_the_estimate_is_off_by_what_its_docstring_says"
        ),
        "As soon as the noise scale is larger than the table, it does so on average": Holds(
            lambda: (
                noise.noise_scale(0.95 * c.THETA) > 1500
                and noise.gradient(0.95 * c.THETA) @ noise.gradient(0.95 * c.THETA)
                < noise.gradient_variance(0.95 * c.THETA, 1, True) / 1499
            )
        ),
        "at small rates the floor goes with $\\eta/b$": Proved(
            "test_expected.py::test_at_small_rates_the_floor_belongs_to_rate_over_batch_size"
        ),
        "About the same: at small rates the floor": near(1, lambda: c.floor(20, 0.05) / c.floor(10, 0.025), 0.05),
        "Up to 16 rows the updates halve with every doubling": [
            near(0.5, lambda b=b: c.needed(2 * b) / c.needed(b), 0.06) for b in (1, 2, 4, 8)
        ],
        "the examples, your cost, hardly change": Between(1, lambda: 16 * c.needed(16) / c.needed(1), 1.1),
        "Beyond, four updates are needed whatever you pay": Holds(lambda: c.needed(512) == c.needed(1024) == 4),
        "The classic runs of scratch, single runs at rates of their own, need about as many updates": [
            Between(0.6, lambda b=b, lr=lr: c.reaches(b, lr) / c.needed(b), 1.4)
            for b, lr in ((1, 0.005), (10, 0.05), (100, 0.4))
        ],
        "Hardly anything: it approaches the value with replacement": [
            Between(1, lambda: c.deviation(100, copies=100) / c.deviation(100), 1.05),
            near(1, lambda: c.deviation(100, copies=100) / c.deviation(100, True)),
        ],
        "With normalisation inside, small batches are biased": [
            Between(0.7, lambda: c.normalised_share(4), 0.85),
            Between(0.97, lambda: c.normalised_share(100), 1.02),
        ],
        "$\\sqrt{(10000-2500)/9999} \\approx \\sqrt{0.75} \\approx 0.87$: 13 % less noise": near(
            0.87, lambda: (7500 / 9999) ** 0.5, 0.01
        ),
        "The noise scale is $4/0.1^2 = 400$ examples": near(400, lambda: 4 / 0.1**2),
    },
    "reading-data": {
        "Three updates. Two batches of 16 use 32 rows, and the last batch is short: it has the 8 that are left": Prints(
            "3 updates an epoch, the last with 8 of them"
        ),
        "About 15. Drawn with replacement": Between(14, lambda: 40 * (39 / 40) ** 40, 15),
        "more than a third": Between(1 / 3, lambda: (39 / 40) ** 40, 0.4),
        "There are 1,503 rows, five features and one target": Holds(lambda: c.DATA.shape == (1503, 6)),
        "six chord lengths, four velocities": Holds(lambda: c.DATA.nunique().iloc[[2, 3]].tolist() == [6, 4]),
        "wherever the frequency starts again from low, and nowhere else, a new run begins": [
            Holds(lambda: ((np.diff(c.RECORDING) != 0) == (np.diff(c.FEATURES[:, 0]) < 0)).all()),
            Prints("106 runs of 8 to 19 rows"),
        ],
        "It is sorted: wing by wing, and for each wing by rising angle": Holds(
            lambda: (
                (np.diff(c.FEATURES[:, 2]) != 0).sum() == 5
                and (np.diff(c.FEATURES[:, 1])[np.diff(c.FEATURES[:, 2]) == 0] >= 0).all()
            )
        ),
        "the steepest direction is the frequency, thousands of hertz, and the flattest the thickness": Holds(
            lambda: c.steepest_and_flattest() == [0, 4]
        ),
        "After standardising, one learning rate serves all": [
            near(12.1, lambda: c.condition(c.standardise(c.FEATURES)), 0.005),
            Between(1e11, lambda: c.condition(c.FEATURES), 1e12),
        ],
        "angle and thickness still move together with a correlation of 0.753": near(
            0.753, lambda: np.corrcoef(c.FEATURES[:, 1], c.FEATURES[:, 4])[0, 1]
        ),
        "For a linear model white data would make the bowl perfectly round": near(
            1, lambda: c.condition(c.whitened()), 1e-9
        ),
        "The best possible loss differs by more than one per cent": [
            Between(1.01, lambda: c.best_line(1500)[0] / c.best_line(1503)[0], 1.02),
            near(0.24168796, lambda: c.best_line(1503)[0], 1e-7),
            near(0.24499860, lambda: c.best_line(1500)[0], 1e-7),
        ],
        "in decibels the fit is the same": near(1, lambda: c.best_line(1500)[1] / c.best_line(1503)[1], 1e-9),
        "Without the thickness the bowl is rounder, and a rate of 1 is stable. With all five features it diverges": [
            near(1.27, lambda: 2 / c.curvatures(c.standardise(c.FEATURES)[:, :4])[-1], 0.005),
            near(0.95, lambda: 2 / c.curvatures(c.standardise(c.FEATURES))[-1], 0.005),
            Proved("test_theory.py::test_with_five_features_it_goes_on_to_diverge"),
            Proved("test_theory.py::test_with_four_features_it_is_stable_and_ends_where_the_book_says"),
        ],
        "Every row is used exactly once, and the training ends at a lower loss for it": [
            Proved("test_data.py::test_every_row_is_used_exactly_once_an_epoch"),
            Between(0.6, lambda: c.settled() / c.settled(replacement=True), 0.95),
        ],
        "a slice of a tensor, as PyTorch calls its arrays, is not a copy": [
            Prints("slice 0.00, copy 4.16"),
            Proved("test_data.py::test_the_batches_of_an_epoch_are_slices_of_one_tensor"),
        ],
        "Its gradient averages over 28 rows instead of 64, so each of them counts more than twice as much": Holds(
            lambda: 1500 % 64 == 28 and 64 / 28 > 2
        ),
        "1,500 rows give it a single point, at the very end": Prints(
            "1500 rows, batch 64: 1 recorded, the last at epoch 4.46"
        ),
        "With 1,503 rows there is no point at all": Prints("1503 rows, batch 64: 0 recorded"),
        "Record the start, then whenever another fixed fraction of an epoch is full, and always the end": Proved(
            "test_history.py::test_a_point_is_recorded_at_each_update_that_reaches_a_mark"
        ),
        "Three times the loss!": Between(
            2.8,
            lambda: ((c.Y[:1499] ** 2).mean() + c.Y[1499] ** 2) / 2 / (c.Y**2).mean(),
            3.3,
        ),
        "looking a hundred times as often gives the same weights to the last bit": Proved(
            "test_history.py::test_looking_more_often_changes_no_weight"
        ),
        "Never: when the first example is drawn, those rows have not been read": Holds(
            lambda: c.begins_late(1000) == 0
        ),
        "In a full shuffle about a third of all epochs begin so": Between(0.26, lambda: c.begins_late(1500), 0.41),
        "A buffer of one row is file order, and ten rows are hardly better": [
            Between(0.8, lambda: (c.buffered(10) - c.BEST) / (c.buffered(1) - c.BEST), 1),
        ],
        "a batch still comes from a few neighbouring runs": [
            Between(1, lambda: c.runs_in_a_batch(1), 2),
            Between(2, lambda: c.runs_in_a_batch(10), 4),
            Between(8, lambda: c.runs_in_a_batch(1500), 10),
        ],
        "With three hundred rows, some twenty runs, little is left of the damage": [
            Between(0, lambda: (c.buffered(300) - c.buffered(1500)) / (c.buffered(1) - c.buffered(1500)), 0.15),
            near(20, lambda: 300 / (1503 / 106), 0.1),
        ],
        "With one batch an epoch there should be the least to do, and yet the factor is larger there than for batches of ten": [
            Timed(1.2, lambda: c.loading(1500) / c.loading(10), 20),
            Proved("test_data.py::test_iterating_large_batches_is_fifty_times_faster_than_a_data_loader"),
        ],
        "1,500 little Python calls where one slice would do": Prints("requests for one batch of 1,500: 1500"),
        "Without workers the loader's own cost disappears beside the waiting": Timed(1, lambda: c.waiting(0), 1.25),
        "Two workers do much of the waiting at the same time": Timed(0.45, lambda: c.waiting(2), 0.9),
        "The error looks less than half of what a new run will show": Between(
            0.3, lambda: c.held_out(c.neighbour, "rows") / c.held_out(c.neighbour, "runs"), 0.5
        ),
        "Hardly. A line with six numbers cannot remember 106 runs": Between(
            1, lambda: c.held_out(c.LinearRegression, "runs") / c.held_out(c.LinearRegression, "rows"), 1.15
        ),
        "nearest neighbour beats the line by a factor of three on leaky data, and by much less on new runs": [
            Between(2.7, lambda: c.held_out(c.LinearRegression, "rows") / c.held_out(c.neighbour, "rows"), 3.3),
            Between(1.1, lambda: c.held_out(c.LinearRegression, "runs") / c.held_out(c.neighbour, "runs"), 1.8),
        ],
        "these are the numbers that everyone else uses": Holds(
            lambda: (
                hashlib.sha1(
                    "".join(f"{line}\r\n" for line in CSV.read_text().replace(",", "\t").splitlines()[1:]).encode()
                ).hexdigest()
                == ORIGINALS["airfoil"][1]
            )
        ),
        "`download` writes to a temporary file, verifies, and only then gives the file its name": Proved(
            "test_download.py::test_what_is_not_the_data_is_refused_by_address_and_leaves_nothing_behind"
        ),
        "A good copy that was there before would have stayed, too": Proved(
            "test_download.py::test_an_earlier_good_copy_survives_any_breakage"
        ),
        "so each has the weight $1/100$ instead of $1/300$ in its update: three times as much": Holds(
            lambda: (math.ceil(1000 / 300), 1000 % 300) == (4, 100)
        ),
        "When the hundredth example is drawn, only 10,099 rows have been read": Holds(
            lambda: max(c.buffer_order(20_000, 10_000, 0, 0)[:100]) < 10_099
        ),
    },
    "scratch": {
        "The faint band shows the range of thirty seeds": Proved(
            "browser/test_page.py::test_the_band_holds_the_runs_of_its_seeds"
        ),
        "Click a cell, or press the button, to load its run into the main lab": [
            Proved("browser/test_page.py::test_a_click_on_the_map_loads_that_run_into_the_main_lab"),
            Proved("browser/test_page.py::test_a_button_of_the_map_loads_its_run_into_the_main_lab"),
        ],
        "Is it the same training as the ten lines above?": Proved(
            "test_training.py::test_train_takes_what_every_minibatch_learner_does_from_torch"
        ),
        "Two exact steps are best at a rate near 1, and no rate makes two steps enough": [
            Between(0.9, lambda: max(np.linspace(0.1, 2, 191), key=lambda lr: -c.descent(lr, 2)), 1.2),
            Between(2, lambda: min(c.above(c.descent(lr, 2)) for lr in np.linspace(0.1, 2, 191)), 10),
        ],
        "The 300 noisy steps end closer to the best, and so do the 3,000 very noisy ones": [
            Between(0.3, lambda b=b, lr=lr: c.end(b, lr), 2) for b, lr in ((10, 0.025), (1, 0.0025))
        ],
        "there are 1,500 examples of five features, and 150 minibatches of ten in an epoch": Prints(
            "(torch.Size([1500, 5]), torch.Size([1500, 1]), 150)"
        ),
        "What is the loss before any training, and what is the best that training could reach?": [
            near(0.493259, lambda: (c.Y**2).mean() / 2, 2e-6),
            near(0.24168796, lambda: c.BEST, 1e-7),
            Prints("half loss at zero: 0.4933, at the optimum: 0.2417"),
        ],
        "Two epochs of ten rows at a time bring us near the optimum": Between(0, lambda: c.end(10, 0.05), 4),
        "it runs the same loop with any update rule, and records the loss over all rows at fixed fractions of an epoch, with "
        "the clock stopped": Proved("test_history.py::test_seconds_leave_out_what_is_not_training"),
        "The four end close together": Holds(
            lambda: all(
                0.2424 < c.trained(*job).loss[-1] < 0.2548
                for job in ((1500, 1.0, 10), (1, 0.005, 2), (100, 0.4, 2), (10, 0.05, 2))
            )
        ),
        "Small batches need fewer examples (left), large ones fewer updates (right)": [
            Holds(lambda: c.reaches(1500, 1.0, 10) < c.reaches(100, 0.4) < c.reaches(10, 0.05) < c.reaches(1, 0.005)),
            Between(4, lambda: c.reaches(1500, 1.0, 10, "examples") / c.reaches(100, 0.4, what="examples"), math.inf),
        ],
        "How many does each need to come below a half loss of 0.25?": [
            near(3, lambda: c.reaches(1500, 1.0, 10)),
            near(8, lambda: c.reaches(100, 0.4), 0.3),
            near(62, lambda: c.reaches(10, 0.05), 0.3),
            near(620, lambda: c.reaches(1, 0.005), 0.3),
        ],
        "Gradient descent at rate 1: down for six steps, then up": [
            Holds(lambda: np.argmin([c.descent(1, t) for t in range(41)]) == 6),
            near(0.24508, lambda: c.descent(1, 6), 3e-5),
            near(0.2492, lambda: c.descent(1, 12), 3e-4),
            near(0.2750, lambda: c.descent(1, 20), 3e-4),
        ],
        "So gradient descent is stable only for $\\eta < 2/\\lambda_{\\max}$": [
            near(0.953, lambda: LIMIT, 5e-4),
            near(2.0985, lambda: c.CURVATURES[-1], 5e-5),
            Holds(lambda: c.descent(0.99 * LIMIT, 10**5) < c.BEST + 1e-9 < 1e6 < c.descent(1.01 * LIMIT, 10**4)),
        ],
        "Its square root says how many times longer than wide the valley is": [
            near(12.1, lambda: c.CURVATURES[-1] / c.CURVATURES[0], 0.005),
            Prints("condition number: 12.1, its square root: 3.5"),
        ],
        "Without the last feature the bowl is rounder, and the same rate is stable": [
            near(1.573, lambda: c.curvatures(c.A[:, :4])[-1], 5e-4),
            near(3.85, lambda: c.condition(c.A[:, :4]), 0.002),
        ],
        "at rate 1 gradient descent jumps from side to side": Between(-1.2, lambda: 1 - c.CURVATURES[-1], -1),
        "at 0.5 it does not": Between(-0.06, lambda: 1 - 0.5 * c.CURVATURES[-1], 1),
        "The wide axis is the direction in which a start from zero has most to lose, the other one the steepest of all": Holds(
            lambda: (
                abs(
                    np.array(path.directions()["main"]["vector"])
                    @ c.DIRECTIONS[:, np.argmax(c.CURVATURES * (c.DIRECTIONS.T @ c.THETA) ** 2)]
                )
                > 1 - 1e-9
            )
        ),
        "for all rows the largest stable rate is 0.953": near(0.953, lambda: LIMIT, 5e-4),
        "That gives each batch size its stability limit": [
            Proved("test_theory.py::test_the_largest_stable_rates_of_the_book"),
            Proved("test_theory.py::test_at_the_stability_limit_the_second_moment_neither_grows_nor_shrinks"),
        ],
        "past a hundred examples the limit hardly moves": Between(
            1, lambda: theory.stability_limit(1500) / theory.stability_limit(100), 1.02
        ),
        "these runs reshuffle, which is a little more stable": [
            Between(
                0.3,
                lambda lr=lr: np.median(c.ends(10, lr, 2, 150)) / np.median(c.ends(10, lr, 2, 150, replacement=True)),
                1,
            )
            for lr in (0.8, 0.9)
        ],
        "Double the batch, and you may double the rate, until the line flattens": [
            *(Between(1.7, lambda b=b: c.best_rate(2 * b) / c.best_rate(b), 2.1) for b in (1, 8, 32)),
            Between(1, lambda: c.best_rate(1500) / c.best_rate(750), 1.4),
        ],
        "gives the expected loss after each update": Proved(
            "test_theory.py::test_the_mean_of_many_runs_follows_the_expected_curve"
        ),
        "The theory meets the runs that draw with replacement": Prints(
            "second epoch, expected : 0.058 above the optimum second epoch, with replacement: 0.058 above the optimum"
        ),
        "It falls to a floor and stays there": Proved("test_theory.py::test_the_expected_curve_ends_at_its_floor"),
        "A smaller rate or a bigger batch lowers the floor": Holds(
            lambda: c.floor(10, 0.05) > max(c.floor(10, 0.04), c.floor(12, 0.05))
        ),
        "at small batches PyTorch takes tens of times as long as NumPy": [
            *(
                Between(20, lambda p=p, b=b: c.recorded(p, b) / c.recorded("numpy", b), 100)
                for p in ("torch", "loader")
                for b in (1, 10)
            ),
            Timed(10, lambda: c.update("torch", 1, "numpy", 1), 200),
        ],
        "With sliced tensors a hundred rows cost hardly more than one": [
            Between(0.9, lambda: c.recorded("torch", 100) / c.recorded("torch", 1), 1.2),
            Timed(0.7, lambda: c.update("torch", 100, "torch", 1), 2),
        ],
        "A `DataLoader` collects a batch example by example, and with large batches that is most of its cost": [
            Between(10, lambda: c.recorded("loader", 1500) / c.recorded("torch", 1500), 100),
            Timed(4, lambda: c.update("loader", 1500, "torch", 1500), 100),
        ],
        "That one example at a time is slow is nearly all overhead of Python and the framework. Without it little is left": [
            near(2.7, lambda: MICROSECONDS[1] / (MICROSECONDS[1500] / 1500), 0.02),
            *(Between(30, lambda p=p: c.recorded(p, 1) / (c.recorded(p, 1500) / 1500), 2000) for p in c.PROGRAMS),
            Timed(30, lambda: 1500 * c.update("torch", 1, "torch", 1500), 3000),
        ],
        "The winner is the smallest number of a row, and it is not always in the same column": [
            Proved("test_costs.py::test_the_best_batch_size_belongs_to_the_program"),
            Holds(lambda: len({min(t := c.race(p), key=t.get) for p in c.PROGRAMS}) > 1),
        ],
        "Gradient descent looks at every copy before it takes a step": Proved(
            "test_lab_genie.py::test_gradient_descent_reads_each_copy_before_each_step"
        ),
        "The time of gradient descent grows with the table, once the arithmetic outweighs the overhead": [
            Between(5, lambda: c.race("torch", 1_500_000)[1_500_000] / c.race("torch", 150_000)[150_000], 20),
            Proved("test_costs.py::test_more_rows_cost_gradient_descent_and_hardly_batch_100"),
        ],
        "The time of a small batch does not, until the table is so large that shuffling it is the main cost": [
            Between(0.7, lambda: c.race("torch", 150_000)[10] / c.race("torch", 1500)[10], 1.3),
            Between(0.5, lambda: c.PROGRAMS["torch"]["1500000"]["epoch"] / c.race("torch", 1_500_000)[10], 1),
        ],
        "The loss is looked at twenty times an epoch, so at batch 1 the answer comes in steps of 75 updates": Holds(
            lambda: set(np.diff(c.trained(1, 0.005, 2).updates)) == {75}
        ),
        "0.3 is beyond the limit of single examples: training diverges": Holds(
            lambda: all(c.run(1, 0.3, seed=s).diverged_at is not None for s in range(10))
        ),
        "0.03 is stable": Between(0.03, lambda: theory.stability_limit(1), 0.3),
        "The factor $1 - \\eta\\lambda$ is $-0.6$ at rate 0.4": near(-0.6, lambda: 1 - 0.4 * 4),
        "so gradient descent is 225 times faster": Prints("675 updates, 675 examples"),
    },
    "concise": {
        "In the lab both curves come from one engine, so that the two switches are all that differs": Proved(
            "test_lab_concise.py::test_the_curves_are_those_of_pytorch"
        ),
        "from rest, one step gives it the gradient, and that was still the sum of the three backward passes": Prints(
            "{'momentum_buffer': tensor([1.1816])}"
        ),
        "There the direction of the smallest curvature forgets last": near(
            0.418, lambda: (1 - 0.05 * c.CURVATURES[0]) ** 100, 2e-3
        ),
        "In a linear regression the start does not matter in the end": Between(
            0, lambda: abs(c.from_parts(0.05, 20, zero_bias=False).loss[-1] / c.from_parts(0.05, 20).loss[-1] - 1), 1e-4
        ),
        "Switch on the bias alone, and the curves start together and part": Holds(
            lambda: c.apart(zero_bias=True)[0] == 0 and c.apart(zero_bias=True)[-20:].mean() > 0.002
        ),
        "Switch on the ½ alone, and they start apart and soon meet": Holds(
            lambda: c.apart(half=True)[0] > 0.01 and c.apart(half=True)[-20:].max() < 1e-3
        ),
        "With both it is A": Proved("test_lab_concise.py::test_with_both_switches_on_the_two_are_the_same"),
        "one version trains, the other is about to diverge": Proved(
            "test_lab_concise.py::test_near_the_limit_only_the_version_without_the_half_diverges"
        ),
        "Weight and bias are drawn evenly from $\\pm 1/\\sqrt{d}$ for $d$ inputs": [
            Prints("from -0.447 to 0.447"),
            Proved("test_lab_concise.py::test_the_bias_is_drawn_as_nn_linear_draws_it"),
        ],
        "The gradient of the same batch is added each time": Prints("0.3939 0.7877 1.1816"),
        "So the framework does nothing that you did not do": Proved(
            "test_training.py::test_scratch_and_concise_have_the_same_weights_after_every_update"
        ),
        "So dropping the ½ should do exactly what doubling the rate does": Proved(
            "test_training.py::test_without_the_half_the_rate_is_doubled"
        ),
        "Take 0.6 for 200 epochs, with the ½ and without": [
            Holds(
                lambda: not c.from_parts(0.6, 200, 1500).diverged and c.from_parts(0.6, 200, 1500, half=False).diverged
            ),
            Holds(lambda: 0.6 < LIMIT < 1.2),
        ],
        "A random bias is soon forgotten, a doubled rate is not": Holds(
            lambda: c.apart(half=True)[-1] < 0.02 * c.apart(zero_bias=True)[-1]
        ),
        "the distance of the bias shrinks by the factor $1 - \\eta$ at each update": [
            Holds(lambda: abs(c.DIRECTIONS[5, np.argmin(abs(c.CURVATURES - 1))]) > 0.999),
            Prints("bias: times 0.950 an update, 0.006 in 100"),
        ],
        "$\\mu = 0.9$ acts like a rate ten times as large": near(
            1, lambda: c.from_parts(0.005, momentum=0.9).loss[-1] / c.from_parts(0.05).loss[-1], 0.03
        ),
        "so the root says how many times as long as wide the bowl is": Prints("condition number: 12.1, its root: 3.5"),
        "after ten updates the loss is more than a hundred times closer": Between(100, c.momentum_gain, 300),
        "With ten rows at a time the noise decides, and momentum does not make it smaller": Prints(
            "momentum, rate 0.005: 0.2443 plain SGD, rate 0.05: 0.2450"
        ),
        "Are they the same too?": Proved("test_training.py::test_a_schedule_agrees_with_torchs_scheduler"),
        "Very much so. Why, and which schedule to choose, is the next question": Between(
            10, lambda: c.end(10, 0.4, 6) / c.end(10, 0.4, 6, schedule=schedules.step(2, 1)), math.inf
        ),
        "$0.1/64 \\approx 0.0016$": near(0.0016, lambda: 0.1 / 64, 0.03),
        "After 20 updates it is a millionth of what it was": near(1e-6, lambda: 0.5**20, 0.06),
    },
    "schedules": {
        "The constant rate ends far above the best possible loss": Between(15, lambda: c.end(10, 0.4, 20), 35),
        "C. A shrinks so early that the weights never get there, and B too": [
            Holds(
                lambda: (
                    c.scheduled(EVERY_FIVE)[-1]
                    < min(
                        c.scheduled(plan)[-1]
                        for plan in (schedules.power(-1), schedules.step(10, 1), schedules.exponential(0.95))
                    )
                )
            )
        ],
        "Each update adds noise, of variance proportional to $\\eta^2/b$": Proved(
            "test_expected.py::test_the_expected_loss_is_the_mean_over_all_that_can_happen"
        ),
        "Halving the rate halves the floor, and more than halves it at large rates": [
            Between(0.45, lambda: c.floor(10, 0.0125) / c.floor(10, 0.025), 0.5),
            Between(0.2, lambda: c.floor(10, 0.2) / c.floor(10, 0.4), 0.4),
        ],
        "each column has its own best rate, and the longer you train the smaller it is": Holds(
            lambda: (
                [
                    min((0.4, 0.2, 0.1, 0.05, 0.025, 0.0125), key=lambda lr: c.after(10, lr, epochs))
                    for epochs in (1, 2, 20)
                ]
                == [0.05, 0.025, 0.0125]
            )
        ),
        "has a closed form, the noisy quadratic model": Proved(
            "test_expected.py::test_the_noisy_quadratic_model_is_its_formula"
        ),
        "At small rates the two agree. At large ones the model is too low": [
            near(
                1,
                lambda: (theory.noisy_quadratic(10, 0.05, 3000)[-1] - c.BEST) / (theory.floor_loss(10, 0.05) - c.BEST),
                0.03,
            ),
            near(0.0043, lambda: theory.floor_loss(10, 0.05) - c.BEST, 0.01),
            near(0.0921, lambda: theory.floor_loss(10, 0.5) - c.BEST, 0.001),
            near(0.0635, lambda: theory.noisy_quadratic(10, 0.5, 3000)[-1] - c.BEST, 0.002),
            Proved("test_expected.py::test_the_model_s_floor_is_too_low"),
        ],
        "the exact floor goes to infinity": Between(
            1e3, lambda: c.floor(10, (1 - 1e-6) * theory.stability_limit(10)), math.inf
        ),
        "takes about $d$ updates to fall to a half when $\\alpha = -1$": near(
            0.5, lambda: schedules.power(-1, delay=100)(101, 0), 0.01
        ),
        "The best ends more than two hundred times closer than the constant rate": Between(
            200, lambda: c.scheduled(schedules.constant())[-1] / c.scheduled(EVERY_FIVE)[-1], 400
        ),
        "Two schedules creep or stand still, two go on falling": [
            *(
                Between(1, lambda p=p: c.second_half(p), 1.3)
                for p in (schedules.power(-1), schedules.exponential(0.95, "update"))
            ),
            *(Between(1.4, lambda p=p: c.second_half(p), 99) for p in (schedules.power(-0.5), EVERY_FIVE)),
        ],
        "If the sum is finite, a part of the start remains for ever": [
            near(0.549, lambda: c.left(schedules.power(-1)), 2e-3),
            near(0.243, lambda: c.left(schedules.exponential(0.95, "update")), 3e-3),
            Between(0, lambda: c.left(schedules.step(10, 1)), 5e-4),
        ],
        "adds up to $1/(1 - 0.95) = 20$ full steps, whether you train for one epoch or a hundred": Proved(
            "test_schedules.py::test_multiplying_by_95_hundredths_each_update_adds_up_to_twenty_full_steps"
        ),
        "Not with one epoch at each rate. With five, yes": [
            near(0.313, lambda: c.left(schedules.step(10, 1), 150), 2e-3),
            near(0.003, lambda: c.left(EVERY_FIVE, 750), 0.2),
        ],
        "For it to fall like $1/t$, $\\eta \\lambda$ has to be at least $\\frac{1}{2}$ even along the flattest direction": near(
            2.88, lambda: 0.5 / c.CURVATURES[0], 2e-3
        ),
        "It is not, but only for a moment": Holds(lambda: c.updates_above_the_limit() == 3),
        "the expected half loss shoots up to about 32 before it falls": near(
            32, lambda: c.BEST * (1 + c.scheduled(schedules.power(-1), 0.5 / c.CURVATURES[0]).max() / 100), 0.02
        ),
        "After 20 epochs the factor is still near 0.4, and the loss is near the floor of that rate": [
            near(0.4, lambda: 0.95**19, 0.06),
            near(1, lambda: c.scheduled(schedules.exponential(0.95))[-1] / c.floor(10, 0.4 * 0.95**19), 0.05),
        ],
        "t^−½ from a rate ten times smaller is worse than from 0.4": Between(
            2, lambda: c.scheduled(schedules.power(-0.5), 0.04)[-1] / c.scheduled(schedules.power(-0.5))[-1], math.inf
        ),
        "At the constant rate it helps a little, with a falling one a lot": [
            Between(0.8, lambda: c.mean_end(10, 0.4, 20) / c.floor(10, 0.4), 0.99),
            Between(0, lambda: c.mean_end(10, 0.4, 20, schedule=EVERY_FIVE) / c.scheduled(EVERY_FIVE)[-1], 0.2),
        ],
        "Little more than a quarter of the updates, and a result at least as good": [
            near(0.28, lambda: sum(-(-1500 // size) for size in GROWING) / 3000),
            Between(0, lambda: c.mean_end(GROWING, 0.4, 20) / c.mean_end(10, 0.4, 20, schedule=EVERY_FIVE), 1),
        ],
        "From batch 1 to about 100 the linear rule is right": [
            Between(0.999, lambda b=b: c.after(b, c.best_rate(10) * b / 10, 2) / c.after(b, c.best_rate(b), 2), 1.03)
            for b in (1, 5, 20, 100)
        ],
        "The square-root rule is too bold below batch 10, from which both start, and too timid above it": Holds(
            lambda: 10**-0.5 * c.best_rate(10) > c.best_rate(1) and 10**0.5 * c.best_rate(10) < c.best_rate(100)
        ),
        "it asks for a rate beyond the stability limit, where the curvature decides and no batch size helps": Holds(
            lambda: 50 * c.best_rate(10) > max(LIMIT, theory.stability_limit(500))
        ),
        "The best rate bends away below it": Between(1.2, lambda: 50 * c.best_rate(10) / c.best_rate(500), 3),
        "It diverges all the same, a little later": [
            Prints("rate 1.21 at once: diverged at update 26 rate 1.21 with warm-up: diverged at update 48"),
            Proved("test_lab_schedules.py::test_a_warm_up_only_puts_divergence_off"),
        ],
        "$100 \\cdot 0.1 \\cdot (1 + \\frac{1}{2} + \\frac{1}{4} + \\dots) = 20$": near(
            20, lambda: 0.1 * sum(schedules.exponential(0.5)(t, (t - 1) // 100) for t in range(1, 10_001)), 1e-6
        ),
        "such as batch 10 at rate 0.01, or batch 100 at rate 0.1": [
            near(1, lambda b=b, lr=lr: c.floor(b, lr) / c.floor(20, 0.02), 0.1) for b, lr in ((10, 0.01), (100, 0.1))
        ],
        "the weights would have taken ten times as long to come to this place": near(
            10, lambda: math.log(1 - 0.001 * c.CURVATURES[0]) ** -1 / math.log(1 - 0.01 * c.CURVATURES[0]) ** -1, 0.01
        ),
    },
    "exercises": {
        "Here are twenty exercises": Holds(lambda: text("exercises").count("### ") == 20),
        "0.5 for gradient descent, 0.4 for batches of 100, 0.05 for batches of ten, 0.005 for one at a time": Holds(
            lambda: [lr for _, lr, _ in METHODS.values()] == [0.5, 0.4, 0.05, 0.005]
        ),
        "By what factor does the number of examples that each of them reads grow, roughly?": Holds(
            lambda: exercises.check_genie([100, 1, 1]).right
        ),
        "What is the half loss over all rows?": Holds(lambda: exercises.check_batch_means(c.descent(0.3, 3)).right),
        "What is the largest stable rate of gradient descent on the other four and a bias?": Holds(
            lambda: exercises.check_stable_rate(2 / np.linalg.eigvalsh(c.A[:, 1:].T @ c.A[:, 1:] / 1500)[-1]).right
        ),
        "What is the largest stable rate of gradient descent now?": Holds(
            lambda: exercises.check_without_half(LIMIT / 2).right
        ),
        "What is the gradient noise scale": Holds(
            lambda: exercises.check_noise_scale(c.scale_after_three_steps()).right
        ),
        "Against examples gradient descent alone moves, by the number of copies": [
            Proved("test_lab_genie.py::test_gradient_descent_reads_each_copy_before_each_step"),
            Proved("test_lab_genie.py::test_minibatches_do_not_notice_the_copies"),
        ],
        "gradient descent stays, and the minibatches need a small part of an epoch where they needed half of one": Proved(
            "test_lab_genie.py::test_against_epochs_it_is_the_other_way_round"
        ),
        "How many updates is that?": Holds(lambda: exercises.check_updates(72).right),
        "how many examples does the last batch of an epoch have?": Holds(lambda: exercises.check_last_batch(31).right),
        "How many GFLOP is that?": Holds(lambda: exercises.check_gflop(0.12582912).right),
        "From one row to ten an update costs about the same, so the epoch takes about a tenth of the time": [
            *(Between(0.08, lambda p=p: c.recorded(p, 10) / c.recorded(p, 1) / 10, 0.125) for p in c.PROGRAMS),
            Timed(0.6, lambda: c.update("numpy", 10, "numpy", 1), 1.7),
        ],
        "Ten times less, again and again": near(10 / 3, lambda: sum(3 * 0.1**k for k in range(99)), 1e-9),
        "all later epochs together are worth a ninth of it": near(
            1 / 9, lambda: sum(0.1**k for k in range(1, 99)), 1e-9
        ),
        "dividing after each epoch freezes the weights early": Holds(
            lambda: (
                c.end(10, 0.02, 9, schedule=schedules.step(10, 3))
                < c.end(10, 0.02, 9)
                < c.end(10, 0.02, 9, schedule=schedules.step(10, 1))
            )
        ),
        "its factors add up to at most $1/(1 - 0.95) = 20$, however long it runs": near(
            20, lambda: sum(0.95**k for k in range(10_000)), 1e-9
        ),
        "for $1/t$ it grows so slowly that four epochs are not enough": Between(
            10, lambda: c.end(10, 0.2, 4, schedule=schedules.power(-1)), 30
        ),
        "how many does an epoch of 1,500 draws see at least once, on average?": near(
            948.36, lambda: 1500 * (1 - (1 - 1 / 1500) ** 1500), 1e-5
        ),
        "Reshuffling ends lower": Prints("reshuffled 0.00342 with replacement 0.00421"),
        "With many copies of each row, to shuffle is as good as to draw with replacement": near(
            1, lambda: c.settled(copies=10) / c.settled(replacement=True), 0.1
        ),
        "Which batch size has half its noise?": near(
            0.5,
            lambda: (
                noise.gradient_variance(c.ZERO, 480, True) ** 0.5 / noise.gradient_variance(c.ZERO, 120, True) ** 0.5
            ),
            1e-9,
        ),
        "The same question without replacement, from $n$ = 1,500 rows": [
            near(0.5, lambda: c.deviation(387) / c.deviation(120), 1e-3),
            Holds(lambda: exercises.check_half_noise_finite(387.1).right),
        ],
        "Which batch size comes to a half loss of 0.25 first": [
            Holds(lambda: min(UPDATES, key=lambda b: UPDATES[b] * MICROSECONDS[b]) == 10),
            Holds(lambda: exercises.check_best_batch(10).right),
        ],
        "a shuffle of 150,000 rows takes about as long as those three updates": Between(
            1 / 3,
            lambda: c.PROGRAMS["numpy"]["150000"]["epoch"] / (UPDATES[1500] * 100 * MICROSECONDS[1500] * 1e-6),
            3,
        ),
        "The winner stays": Holds(
            lambda: (
                min(costs := {**MICROSECONDS, 1500: 100 * MICROSECONDS[1500]}, key=lambda b: UPDATES[b] * costs[b])
                == 10
            )
        ),
        "On what floor, the expected loss above the optimum, does it settle": [
            near(0.00714, lambda: 0.2 * 1 / (2 * 10 * (2 - 0.2 * 3)), 1e-3),
            Prints("simulated 0.00714 derived 0.00714"),
            Proved("test_exercises.py::test_the_floor_is_that_of_a_simulation"),
        ],
        "it ends on nearly the same floor": Prints("SGD, rate 0.05: 0.2457 Nesterov, rate 0.005: 0.2454"),
        "AdaGrad does it. Averaging does it better still": Prints("It ends 0.0003 above the optimum."),
        "an epoch takes twice as long and makes twice as many updates": Holds(
            lambda: len(get_data(50)[0]) * 2 == -(-3000 // 50)
        ),
        "More noise it cannot be: the larger batch has less, and the lower floor": Holds(
            lambda: c.deviation(64) < c.deviation(32) and c.floor(64, 0.1) < c.floor(32, 0.1)
        ),
        "at the same rate its weights have travelled half as far: it has not arrived": Between(
            1.2, lambda: c.end(64, 0.1, 1) / c.end(32, 0.1, 1), math.inf
        ),
    },
    "benchmarks": {
        "At a batch of 1 it is looking: each look goes through all rows, one at a time. From a batch of 10 on it is drawing": Proved(
            "test_bench.py::test_the_record_bears_out_what_the_chapter_says_of_it"
        ),
        "still takes less than twice as long as plain NumPy that only updates": Proved(
            "test_scale.py::test_the_engine_takes_at_most_twice_as_long_as_its_arithmetic"
        ),
        "Most of it is the drawing library": Proved(
            "browser/test_every_chapter.py::test_a_page_read_to_its_end_asks_for_little_and_nothing_jumps"
        ),
        "NumPy and the compiled program pay two to three times as much in the largest table as in the smallest": Proved(
            "test_bench.py::test_the_record_bears_out_what_the_chapter_says_of_it"
        ),
        "Three times the chapters take less than twice the build": Proved(
            "test_bench.py::test_the_record_bears_out_what_the_chapter_says_of_it"
        ),
        "the cost of an epoch grows with the square of the rows": Proved(
            "test_bench.py::test_the_record_bears_out_what_the_chapter_says_of_it"
        ),
    },
    "references": {
        "One pass over the data: $n$ examples, $\\lceil n/b \\rceil$ updates": Proved(
            "test_data.py::test_batches_are_as_long_as_a_data_loaders"
        ),
        "The factor $(n-b)/(n-1)$ by which drawing without replacement lowers the variance": Proved(
            "test_noise.py::test_without_replacement_there_is_less_noise_and_the_factor_is_that_of_a_finite_population"
        ),
        "$2/\\lambda_{\\max}$ for full gradients, less for small batches": Proved(
            "test_theory.py::test_larger_batches_are_stable_at_larger_rates_up_to_that_of_gradient_descent"
        ),
        "Turning and scaling the features so that each has variance 1 and no two are correlated": Holds(
            lambda: np.allclose(np.cov(c.whitened().T, bias=True), np.eye(5), atol=1e-9)
        ),
        "The book embeds all 1,503 rows; the text of the values is unchanged": Proved(
            "test_data.py::test_the_table_is_the_published_one"
        ),
    },
}
ROWS = [
    pytest.param(
        chapter,
        claim,
        check,
        marks=pytest.mark.alone if isinstance(check, Timed) else (),
        id=f"{chapter}: {claim[:60]}",
    )
    for chapter, claims in CLAIMS.items()
    for claim, checks in claims.items()
    for check in (checks if isinstance(checks, list) else [checks])
]


@pytest.mark.parametrize(("chapter", "claim", "check"), ROWS)
def test_a_claim_is_in_the_book_and_holds(chapter, claim, check):
    assert claim in text(chapter), "the text has changed: change the claim, and look whether its check still fits"
    check.check(chapter)


def test_every_chapter_has_claims():
    assert set(CLAIMS) == {path.stem for path in CHAPTERS}
