// What a printer gets: the light theme, charts as wide as a sheet, and open what nobody can unfold on paper.

/** @import { Lab } from "./lab.js" */
/** @import { Chart } from "./livechart.js" */

const WIDTH = 620; // pixels; a sheet of A4 or Letter has 40 more between its margins

/**
 * Before printing show every lab as it stands, on paper; and afterwards the page as it was.
 * @param {Iterable<Chart>} charts
 * @param {Map<string, Lab>} labs
 */
export function onPaper(charts, labs) {
  const { dataset } = document.documentElement;
  /** @type {string | undefined} */
  let theme;
  /** @type {HTMLDetailsElement[]} */
  let unfolded = [];
  const turn = (/** @type {number | undefined} */ width) => {
    for (const chart of charts) chart.print(width);
    for (const lab of labs.values()) lab.print(Boolean(width));
  };
  addEventListener("beforeprint", () => {
    ({ theme } = dataset);
    dataset.theme = "light";
    /** @type {NodeListOf<HTMLDetailsElement>} */
    const all = document.querySelectorAll("details.answer, figure.lab details");
    unfolded = [...all].filter(({ open }) => !open);
    unfolded.forEach((details) => (details.open = true));
    turn(WIDTH);
  });
  addEventListener("afterprint", () => {
    dataset.theme = theme;
    unfolded.forEach((details) => (details.open = false));
    turn(undefined);
  });
}
