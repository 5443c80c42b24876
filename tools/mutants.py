"""Faults that readers would see, and for each a test that turns red: statements left out, arguments swapped, states not reset.

Each was once made by hand, and no test noticed. `make mutants` makes them again. What changes operators and constants at random
is the work of mutmut and Stryker; they know neither the built page nor JupyterLab.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """``new`` instead of ``old``, which the file at ``path`` has once; ``test`` is what pytest is given."""

    fault: str
    path: str
    old: str
    new: str
    test: str

    def applied(self, source: str) -> str:
        if source.count(self.old) != 1:
            raise ValueError(f"{self.path} has to hold {self.old!r} once, not {source.count(self.old)} times")
        return source.replace(self.old, self.new)


BROWSER = "tests/browser"
MUTANTS = [
    Mutant(
        "a result of the map goes on growing after it was handed over, in the page",
        "d2lmini/js/labs/map.js",
        "yield structuredClone(result);",
        "yield result;",
        f"{BROWSER}/test_every_chapter.py::test_every_lab_shows_what_python_computes_before_and_after_a_slider_moved[chapters/scratch]",
    ),
    Mutant(
        "a result of the map goes on growing after it was handed over, in JupyterLab",
        "d2lmini/labs/map.py",
        "yield deepcopy(result)",
        "yield result",
        f"{BROWSER}/test_jupyterlab.py::test_the_map_is_drawn_whole_when_its_seed_moves",
    ),
    Mutant(
        "charts do not follow a switch of the theme",
        "d2lmini/js/page/page.js",
        'new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });',
        "",
        f"{BROWSER}/test_page.py::test_every_chart_takes_the_ink_of_the_theme_that_a_reader_switches_to",
    ),
    Mutant(
        "a link to a lab does not scroll to it",
        "d2lmini/js/page/page.js",
        "  lab.figure.scrollIntoView();\n",
        "",
        f"{BROWSER}/test_address.py::test_a_link_brings_its_lab_into_sight",
    ),
    Mutant(
        "the work for a setting that was left goes on and is shown",
        "d2lmini/js/page/lab.js",
        "    this.#drop();\n",
        "",
        f"{BROWSER}/test_page.py::test_after_a_move_nothing_is_said_or_drawn_of_a_setting_that_was_left",
    ),
    Mutant(
        "x and y stand under each other's names",
        "d2lmini/js/page/table.js",
        "heads: [WORDS.line, x, y, ...more]",
        "heads: [WORDS.line, y, x, ...more]",
        f"{BROWSER}/test_share.py::test_every_lab_survives_a_link_into_another_browser_and_hands_out_what_it_shows",
    ),
    Mutant(
        "a spreadsheet takes a name for a formula",
        "d2lmini/js/page/download.js",
        """value.replace(/^[=+@\\t\\r-]/, "'$&")""",
        "value",
        f"{BROWSER}/test_share.py::test_names_stay_texts_in_a_spreadsheet_and_come_back_whole",
    ),
    Mutant(
        "Excel takes the numbers for another encoding",
        "d2lmini/js/page/download.js",
        "[MARK, ...table",
        "[...table",
        f"{BROWSER}/test_share.py::test_every_lab_survives_a_link_into_another_browser_and_hands_out_what_it_shows",
    ),
    Mutant(
        "a PNG has no ground",
        "d2lmini/js/page/livechart.js",
        "layout: { ...layout, paper_bgcolor }",
        "layout",
        f"{BROWSER}/test_share.py::test_the_picture_of_a_dark_page_is_dark",
    ),
    Mutant(
        "the ends of a slider are unknown to an address",
        "d2lmini/js/page/controls.js",
        "(number >= Math.min(...numbers) && number <= Math.max(...numbers))",
        "(number > Math.min(...numbers) && number < Math.max(...numbers))",
        f"{BROWSER}/test_address.py::test_the_first_and_the_last_number_of_a_control_may_be_written_in_any_way[chapters/index]",
    ),
    Mutant(
        "a lab that failed seems to be at work for ever",
        "d2lmini/js/page/lab.js",
        'this.#summary.removeAttribute("aria-busy");',
        'if (!failed) this.#summary.removeAttribute("aria-busy");',
        f"{BROWSER}/test_page_faults.py::test_a_setting_that_cannot_be_computed_is_said_to_be_and_the_next_one_works",
    ),
    Mutant(
        "a kernel computes all of a setting that is only passed",
        "d2lmini/labs/lab.py",
        "        await asyncio.sleep(REST)\n",
        "",
        "tests/test_lab.py::test_while_values_come_nothing_more_than_the_first_result_is_computed",
    ),
    Mutant(
        "in JupyterLab the marker of a run that was played stays",
        "d2lmini/js/figures/chart.js",
        "      drawPart(figure);\n",
        "",
        f"{BROWSER}/test_jupyterlab.py::test_play_draws_the_run_from_its_beginning",
    ),
]
