"""Seventeen mistakes of earlier versions of this material, and where the book shows or proves that it makes none of them.

Those of code have a test that fails if they are made; those of prose have a cell that computes the truth.
"""

import pytest
from book import functions, printed

MISTAKES = {
    "GFLOP/s as 2 / seconds, whatever the shapes": [
        "test_roofline.py::test_a_product_of_256_is_a_thirtieth_of_a_gflop",
        "test_roofline.py::test_the_work_of_a_product_is_two_operations_for_each_triple",
    ],
    "timings of one cold call": [
        "test_costs.py::test_every_recorded_cost_is_the_best_of_several_in_turns",
        "test_roofline.py::test_functions_take_turns_after_a_warm_up",
    ],
    "a loss recorded only where the examples are a multiple of 200": [
        "test_history.py::test_batch_sizes_that_never_meet_a_multiple_of_200_have_a_curve_too",
        "test_history.py::test_a_point_is_recorded_at_each_update_that_reaches_a_mark",
    ],
    "x from the size of the last, short batch": [
        "test_history.py::test_a_history_runs_from_0_to_exactly_the_number_of_epochs",
        "test_costs.py::test_the_axis_of_epochs_ends_at_the_epochs_whatever_the_last_batch",
    ],
    "seconds an epoch that are an average over something else": [
        "test_history.py::test_seconds_count_the_shuffle_and_the_step",
        "test_costs.py::test_seconds_are_updates_at_their_cost_and_a_shuffle_for_each_epoch_begun",
    ],
    "an evaluation that changes the training": [
        "test_history.py::test_looking_more_often_changes_no_weight",
        "test_training.py::test_training_does_not_advance_the_iterator",
        "test_linreg.py::test_a_model_may_be_a_torch_module_and_builds_no_graph",
    ],
    "a mean of the means of batches": ["test_linreg.py::test_a_short_last_chunk_has_the_weight_of_its_rows"],
    "a mean squared error without the ½": [
        "test_training.py::test_the_concise_defaults_are_scratch_step_by_step",
        "test_training.py::test_without_the_half_the_rate_is_doubled",
    ],
    "a random bias in one version only, and a number of features typed in": [
        "test_training.py::test_scratch_and_concise_have_the_same_weights_after_every_update"
    ],
    "gradient descent at rate 1 that 'stalls'": [
        "test_theory.py::test_with_five_features_it_is_lowest_at_step_6_and_then_rises",
        "test_history.py::test_slow_divergence_of_gradient_descent_is_recorded_to_the_end",
    ],
    "four features in the text, five in the data": [
        "test_data.py::test_each_column_names_its_unit",
        "test_data.py::test_get_data_defaults_to_batches_of_10_from_1500_rows_of_5_features",
    ],
    "standardised data called whitened": ["reading-data: white        steepest over flattest 1"],
    "standardising with rows that are not trained on": [
        "test_data.py::test_get_data_is_the_first_rows_standardised_as_scikit_learn_does"
    ],
    "independent draws assumed while sampling without replacement": [
        "minibatch-statistics: batch 333: noise",
        "test_noise.py::test_on_the_real_data_the_measured_spread_is_within_three_standard_errors",
    ],
    "a shuffle that cannot bring each row to each place": [
        "test_core_oracles.py::test_each_row_comes_first_equally_often",
        "reading-data: buffer of 1,000 rows: 0 of 200 epochs",
    ],
    "a picture that cuts off points": [
        "test_any_setting.py::test_what_lies_outside_the_picture_is_said",
        "test_animator.py::test_without_limits_an_axis_grows_with_the_data",
    ],
    "FLOP per cycle read as bytes": ["vectorization: 32 FLOP per cycle and unit"],
}


def test_there_are_seventeen():
    assert len(MISTAKES) == 17


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_has_a_test_or_a_cell_against_it(mistake):
    for place in MISTAKES[mistake]:
        if "::" in place:
            name, function = place.split("::")
            assert function in functions(name), place
        else:
            chapter, text = place.split(": ", 1)
            assert text in printed(chapter), place
