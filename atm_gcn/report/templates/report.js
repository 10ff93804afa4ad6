"use strict";
// A click on a column's heading sorts by it: numbers from the largest, texts from A; a second click turns it round.
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0];
  const headings = Array.from(table.tHead.rows[0].cells);
  headings.forEach((heading, column) => {
    const numeric = heading.classList.contains("number");
    const value = (row) => row.cells[column].dataset.value;
    const compare = numeric
      ? (a, b) => Number(value(a)) - Number(value(b))
      : (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
    heading.querySelector("button").addEventListener("click", () => {
      const first = numeric ? "descending" : "ascending";
      const second = numeric ? "ascending" : "descending";
      const order = heading.getAttribute("aria-sort") === first ? second : first;
      for (const other of headings) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      body.append(...Array.from(body.rows).sort((a, b) => sign * compare(a, b)));
    });
  });
}
// One fold at a time stands out in all charts: chosen in the list, tapped, or pointed at with a mouse.
const folds = document.querySelector("#fold");
if (folds) {
  const charts = document.querySelector(".charts");
  const lines = Array.from(charts.querySelectorAll(".curve"), (line) => {
    const points = line.getAttribute("points").split(" ").map((pair) => pair.split(",").map(Number));
    return { line, points, chart: line.ownerSVGElement, name: line.dataset.name };
  });
  const show = (name) => {
    charts.classList.toggle("chosen", name !== "");
    for (const one of lines) {
      one.line.classList.toggle("chosen", one.name === name);
      if (one.name === name) one.chart.append(one.line);
    }
    for (const output of charts.querySelectorAll("output")) output.value = name;
  };
  const nearest = (chart, event) => {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
    const distance = ({ points }) => {
      const gaps = points.map(([x, y], i) => {
        const [fromX, fromY] = points[Math.max(i - 1, 0)];
        const share = x > fromX ? Math.min(Math.max((place.x - fromX) / (x - fromX), 0), 1) : 1;
        return Math.hypot(place.x - fromX - share * (x - fromX), place.y - fromY - share * (y - fromY));
      });
      return Math.min(...gaps);
    };
    const own = lines.filter((one) => one.chart === chart).map((one) => [distance(one), one.name]);
    const [gap, name] = own.reduce((best, one) => (one[0] < best[0] ? one : best));
    return gap < 24 ? name : "";
  };
  folds.addEventListener("change", () => show(folds.value));
  for (const chart of charts.querySelectorAll("svg")) {
    chart.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") show(nearest(chart, event) || folds.value);
    });
    chart.addEventListener("pointerleave", () => show(folds.value));
    chart.addEventListener("click", (event) => {
      folds.value = nearest(chart, event);
      show(folds.value);
    });
  }
}
// What is folded up is printed all the same.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
