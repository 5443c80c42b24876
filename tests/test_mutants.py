"""The faults that `make mutants` makes can still be made, and the tests that notice them are there."""

import pytest
from book import ROOT

from tools.mutants import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.fault)
def test_a_fault_can_be_made_and_the_test_that_notices_it_is_there(mutant):
    source = (ROOT / mutant.path).read_text()
    assert mutant.applied(source) != source
    file, function = mutant.test.partition("[")[0].split("::")
    assert f"def {function}(" in (ROOT / file).read_text()
