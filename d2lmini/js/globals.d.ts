// What the scripts find without an import.

declare module "*.csv" {
  const text: string;
  export default text;
}

/** Once it has come: a script of its own on the page, a library from the kernel in JupyterLab. */
declare var Plotly: import("./types").Plotly | undefined;

/** The library that the widgets of a JupyterLab wait for together. */
declare var plotlyForLabs: Promise<import("./types").Plotly> | undefined;
