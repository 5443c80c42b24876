// The buttons under a lab.

import { copyLink, remember } from "./address.js";
import { button } from "./elements.js";
import { csv, save } from "./download.js";
import { WORDS } from "./words.js";

/** @import { Lab } from "./lab.js" */

/**
 * Those of one lab: Play where there is a run to draw, and one that loads a run where that is what a click on the chart does.
 * @param {Lab} lab
 */
export function actions(lab) {
  const { play, click } = lab.meta;
  return [
    ...(play ? [button(WORDS.play, (node, flash) => lab.play(node, flash), "play")] : []),
    ...(click?.loads ? [button(WORDS.load, () => lab.load())] : []),
    button(WORDS.reset, () => {
      lab.set({}, true);
      remember(lab);
    }),
    button(WORDS.copy, (_, flash) => copyLink(lab, flash)),
    button(WORDS.png, async (_, flash) => {
      const picture = await lab.chart.picture();
      if (picture) save(`${lab.name}.png`, picture);
      else flash(WORDS.none);
    }),
    button(WORDS.csv, () => save(`${lab.name}.csv`, csv(lab.shown()))),
  ];
}
