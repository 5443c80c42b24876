// What a printer gets: the light theme, charts as wide as a sheet, and open what nobody can unfold on paper.

const WIDTH = 620; // pixels; a sheet of A4 or Letter has 40 more between its margins

/** Before printing show every lab as it stands, on paper; and afterwards the page as it was. */
export function onPaper(charts, labs) {
  const { dataset } = document.documentElement;
  let theme;
  let unfolded = [];
  const turn = (width) => {
    charts.forEach((chart) => chart.print(width));
    labs.forEach((lab) => lab.print(Boolean(width)));
  };
  addEventListener("beforeprint", () => {
    ({ theme } = dataset);
    dataset.theme = "light";
    unfolded = [...document.querySelectorAll("details.answer, figure.lab details")].filter(({ open }) => !open);
    unfolded.forEach((details) => (details.open = true));
    turn(WIDTH);
  });
  addEventListener("afterprint", () => {
    dataset.theme = theme;
    unfolded.forEach((details) => (details.open = false));
    turn(undefined);
  });
}
