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
ANNOUNCED = "test_what_a_page_shows_by_itself_is_not_announced_and_of_two_moves_the_second_is"
HEARD = "test_a_screen_reader_hears_what_each_slider_stands_at_and_what_each_figure_is[chapters/scratch]"
PAPER = "test_paper_has_some_points_of_each_line_and_every_answer_and_the_screen_is_as_it_was"
PLACE = "test_the_place_of_a_chart_is_as_high_as_the_chart_before_it_lives_and_when_a_phone_is_turned"
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
    Mutant(
        "a run that was left is drawn on over the one that a reader chose",
        "d2lmini/js/page/lab.js",
        "    this.#stop?.();\n    if",
        "    if",
        f"{BROWSER}/test_page.py::test_play_draws_the_run_from_its_beginning",
    ),
    Mutant(
        "a run that was stopped goes on",
        "d2lmini/js/page/lab.js",
        "      stopDrawing();\n",
        "",
        f"{BROWSER}/test_page.py::test_play_draws_the_run_from_its_beginning",
    ),
    Mutant(
        "a screen reader is told what a page shows by itself",
        "d2lmini/js/page/lab.js",
        "    if (!this.#wasMoved) return;\n",
        "",
        f"{BROWSER}/test_keyboard.py::{ANNOUNCED}",
    ),
    Mutant(
        "a screen reader is told twice of two moves",
        "d2lmini/js/page/lab.js",
        "    clearTimeout(this.#telling);\n",
        "",
        f"{BROWSER}/test_keyboard.py::{ANNOUNCED}",
    ),
    Mutant(
        "a table on paper is pages long",
        "d2lmini/js/page/lab.js",
        "    this.#isOnPaper = isOnPaper;\n",
        "",
        f"{BROWSER}/test_paper.py::{PAPER}",
    ),
    Mutant(
        "after printing a table lacks most of its numbers",
        "d2lmini/js/page/paper.js",
        "lab.print(Boolean(width))",
        "lab.print(true)",
        f"{BROWSER}/test_paper.py::{PAPER}",
    ),
    Mutant(
        "answers are folded on paper",
        "d2lmini/js/page/paper.js",
        '"details.answer, figure.lab details"',
        '"figure.lab details"',
        f"{BROWSER}/test_paper.py::{PAPER}",
    ),
    Mutant(
        "printing folds what a reader had opened",
        "d2lmini/js/page/paper.js",
        "[...all].filter(({ open }) => !open)",
        "[...all]",
        f"{BROWSER}/test_paper.py::{PAPER}",
    ),
    Mutant(
        "on paper the chart of a lab that nobody came near is that of another setting",
        "d2lmini/js/page/livechart.js",
        "    if (window.Plotly && !this.#Plotly) this.#live(window.Plotly);\n",
        "",
        f"{BROWSER}/test_paper.py::test_a_lab_that_was_set_before_a_reader_came_to_it_is_on_paper_as_it_stands",
    ),
    Mutant(
        "once Plotly is back, of several charts one comes alive",
        "d2lmini/js/page/livechart.js",
        "    if (this.#figure) this.show(this.#figure);\n    still.forEach((chart) => chart.wake());\n",
        "    if (this.#figure) this.show(this.#figure);\n",
        f"{BROWSER}/test_page_faults.py::test_without_plotly_sentence_and_numbers_follow_and_a_move_wakes_all_charts_once_it_is_back",
    ),
    Mutant(
        "a picture that is asked for too early is not handed out",
        "d2lmini/js/page/livechart.js",
        "    await this.wake();\n",
        "",
        f"{BROWSER}/test_page_faults.py::test_a_picture_that_is_asked_for_before_the_chart_lives_is_handed_out_once_it_does",
    ),
    Mutant(
        "charts do not follow colours that the system forces",
        "d2lmini/js/page/page.js",
        '  matchMedia("(forced-colors: active)").addEventListener("change", redraw);\n',
        "",
        f"{BROWSER}/test_access.py::test_a_chart_takes_the_ink_of_forced_colours_that_are_switched_on",
    ),
    Mutant(
        "on a phone the text below a high chart jumps when it comes alive",
        "d2lmini/js/page/page.js",
        "if (description.figure.layout.meta?.narrow?.height) reserve(chart.box, description.figure);",
        "",
        f"{BROWSER}/test_page.py::{PLACE}",
    ),
    Mutant(
        "a gap gapes below a chart when a phone is turned",
        "d2lmini/js/figures/chart.js",
        "  box.style.minHeight = `${layout.height}px`;\n",
        "",
        f"{BROWSER}/test_page.py::{PLACE}",
    ),
    Mutant(
        "a screen reader is not told what the settings of a lab are",
        "d2lmini/js/page/panel.js",
        '    node.setAttribute("aria-label", WORDS.settings);\n',
        "",
        f"{BROWSER}/test_keyboard.py::{HEARD}",
    ),
    Mutant(
        "a screen reader is not told what one chooses among",
        "d2lmini/js/page/controls.js",
        'element("legend", {}, label), ...pairs',
        "...pairs",
        f"{BROWSER}/test_keyboard.py::{HEARD}",
    ),
    Mutant(
        "a screen reader is told twice what a slider stands at",
        "d2lmini/js/page/controls.js",
        ', "aria-live": "off" });',
        " });",
        f"{BROWSER}/test_keyboard.py::{HEARD}",
    ),
    Mutant(
        "the track of a slider is empty wherever it stands",
        "d2lmini/js/page/controls.js",
        '    input.style.setProperty("--part", `${(100 * index) / (most || 1)}%`);',
        "",
        f"{BROWSER}/test_page.py::test_a_slider_is_filled_up_to_its_thumb",
    ),
    Mutant(
        "the mark of an old verdict stands beside a new answer",
        "d2lmini/js/page/forms.js",
        '      said.className = "";\n',
        "",
        f"{BROWSER}/test_exercises_page.py::test_an_answer_by_keyboard_stays_on_the_page",
    ),
    Mutant(
        "a link out of a frame opens the book in it",
        "d2lmini/js/page/page.js",
        'href: location.pathname, target: "_blank", rel: "noopener"',
        "href: location.pathname",
        f"{BROWSER}/test_share.py::test_another_page_embeds_one_lab_that_works",
    ),
    Mutant(
        "the lines of a grid shine through a dark page",
        "d2lmini/js/figures/chart.js",
        ", xaxis: axis, yaxis: axis } } }",
        " } } }",
        f"{BROWSER}/test_page.py::test_every_chart_takes_the_ink_of_the_theme_that_a_reader_switches_to",
    ),
    Mutant(
        "the axis of a run that grows moves all the while",
        "d2lmini/js/labs/scratch.js",
        '[["working", { rows, done }]], end)',
        '[["working", { rows, done }]])',
        "tests/test_labs_parity.py::test_a_run_that_grows_does_so_on_the_axis_that_it_needs_in_the_end",
    ),
    Mutant(
        "nothing is seen of a genie until all has been computed",
        "d2lmini/js/labs/genie.js",
        '  yield result([["working", { rows: copies * TRAINING_ROWS }]]);\n',
        "",
        "tests/test_labs_parity.py::test_what_comes_before_the_last_result_is_the_same_too",
    ),
    Mutant(
        "the gradients of one place are drawn at another",
        "d2lmini/js/labs/gradients.js",
        "[seed, replacement, place.theta, sizes].join()",
        "[seed, replacement, sizes].join()",
        "tests/test_labs_parity.py::test_every_lab_computes_the_same_in_the_page_and_in_the_kernel",
    ),
    Mutant(
        "in JupyterLab a lab has no caption",
        "d2lmini/labs/lab.py",
        "[Label(caption), *self._panel(), self._chart]",
        "[*self._panel(), self._chart]",
        "tests/test_lab.py::test_the_caption_stands_above_the_sliders",
    ),
    Mutant(
        "a kernel that computes hears of no slider until it has done",
        "d2lmini/labs/lab.py",
        "                    await asyncio.sleep(0.001)\n",
        "",
        "tests/test_lab.py::test_a_value_that_comes_while_an_older_one_is_computed_replaces_it",
    ),
    Mutant(
        "the bar of a long run stands still",
        "d2lmini/history.py",
        "        self._progress.update(self.updates - self._progress.n)\n",
        "",
        "tests/test_history.py::test_the_bar_of_a_long_run_follows_its_updates_and_goes_with_the_run",
    ),
    Mutant(
        "what a control is called becomes markup",
        "d2lmini/figures/still.py",
        'html.escape(control["label"])',
        'control["label"]',
        "tests/test_figures.py::test_markup_in_a_control_stays_words",
    ),
    Mutant(
        "what a control stands at becomes markup",
        "d2lmini/figures/still.py",
        'html.escape(text) for text, _ in control["options"]',
        'text for text, _ in control["options"]',
        "tests/test_figures.py::test_markup_in_a_control_stays_words",
    ),
    Mutant(
        "a search engine is told nothing of a chapter",
        "tools/pages.py",
        """    tags = [f'<meta name="description" content="{escape(about["og:description"])}"/>']\n""",
        "    tags = []\n",
        "tests/test_pages.py::test_a_search_engine_is_told_the_first_sentences_of_a_chapter",
    ),
]
