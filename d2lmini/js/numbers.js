// The numbers behind a chart: its table, and files to take away.

/** {heads, rows}: a row [line, x, y] for each point that is seen, or for some `most` of each line and its last. */
export function points({ data, layout }, most = Infinity) {
  const title = (axis, otherwise) => layout[axis]?.title?.text ?? otherwise;
  const rows = ({ name = "", x, y }) => Array.from(x, (at, i) => [name, at, y[i]]).filter(([, at, value]) => at !== null && value !== null);
  const some = (all) => all.filter((_, i) => i % Math.max(1, Math.ceil(all.length / most)) === 0 || i === all.length - 1);
  const seen = data.filter(({ x, visible }) => x?.length && visible !== false);
  return { heads: ["line", title("xaxis", "x"), title("yaxis", "y")], rows: seen.flatMap((trace) => some(rows(trace))) };
}

/** The numbers as CSV (RFC 4180), all digits; a text that a spreadsheet would take for a formula is kept a text. */
export function table(figure) {
  const { heads, rows } = points(figure);
  const field = (value) => {
    const text = typeof value === "string" ? value.replace(/^[=+@-]/, "'$&") : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return new Blob([[heads, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("")], { type: "text/csv" });
}

/** Hand a file to the reader. */
export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be asking where to
}
