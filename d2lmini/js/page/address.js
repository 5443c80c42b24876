// The address of a lab, `#name?key=value&…`: read, kept up to date, and handed on.

import { element } from "./elements.js";
import { WORDS } from "./words.js";

/** @import { Flash } from "./elements.js" */
/** @import { Lab } from "./lab.js" */

const PAUSE = 350; // milliseconds between two changes of the address: Safari allows 100 in 30 s

const RENAMED = new Map([["cloud", "gradients"]]); // links to labs by their earlier names still open them

/**
 * The name that a lab has now.
 * @param {string} name
 */
export function present(name) {
  return RENAMED.get(name) ?? name;
}

/** The name of the lab and the settings that the page's address asks for; undefined if for none. */
export function asked() {
  const [name, settings] = location.hash.slice(1).split("?");
  return settings === undefined ? undefined : { name: present(name), settings: Object.fromEntries(new URLSearchParams(settings)) };
}

/** @type {Lab | undefined} */
let latest; // the lab whose settings the address is about to take

/**
 * Keep the settings in the page's address; of many changes in a short time, those of the last lab moved.
 * @param {Lab} lab
 */
export function remember(lab) {
  const isWaiting = latest !== undefined;
  latest = lab;
  if (isWaiting) return;
  setTimeout(() => {
    if (latest) history.replaceState(null, "", latest.address());
    latest = undefined;
  }, PAUSE);
}

/**
 * Copy the link, or say where it is: a page over plain http has no clipboard, and a frame may not use it.
 * @param {Lab} lab
 * @param {Flash} flash
 */
export async function copyLink(lab, flash) {
  const { href } = new URL(lab.address(), location.href);
  history.replaceState(null, "", href);
  try {
    await navigator.clipboard.writeText(href);
    flash(WORDS.copied);
  } catch {
    if (window === top) flash(WORDS.address);
    else lab.note.replaceChildren(WORDS.link, WORDS.between, element("a", { href, target: "_blank", rel: "noopener" }, href));
  }
}
