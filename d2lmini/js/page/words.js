// What the page says to its readers; what labs compute is put into words by the sentences that come with them.

export const WORDS = {
  between: " ", // two sentences
  slider: "{label} {text}", // what it stands for and at
  unit: "{label} ({unit})",
  settings: "Settings",
  line: "line",
  panel: "{y} against {x}",
  panels: "panel",
  reset: "Reset",
  play: "Play",
  stop: "Stop",
  copy: "Copy link",
  copied: "Link copied",
  address: "The link is in the address bar",
  link: "A link may not be copied from here. It is:",
  png: "Download PNG",
  csv: "Download CSV",
  load: "Load this run above",
  none: "There is no live chart",
  unknown: "Some settings in this link are unknown here and were left at their defaults.",
  failed: "This setting could not be computed here: chart and numbers are those of an earlier one.",
  still: "The live chart could not be loaded; this is its picture. Reload the page to try again.",
  stillLab: "The live chart could not be loaded: the picture stays as it is, while the sentence and the numbers follow the settings. Change one to try again.",
};
