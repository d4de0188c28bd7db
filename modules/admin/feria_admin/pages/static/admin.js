// What pages do beyond their forms: charts of the tables that stand in them, menus that close, progress that moves.
"use strict";

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function cellsOf(table, column) {
  return [...table.tBodies[0].rows].map((row) => row.cells[column]);
}

function drawChart(box) {
  const table = box.parentElement.querySelector("table");
  if (!table || typeof uPlot === "undefined") return;
  const at = Number(box.dataset.x);
  const columns = box.dataset.y.split(",").filter(Boolean).map(Number);
  const labels = cellsOf(table, at).map((cell) => cell.textContent.trim());
  const values = columns.map((column) => cellsOf(table, column).map((cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value))));
  const titles = columns.map((column) => table.tHead.rows[0].cells[column].textContent.trim());
  const colors = [style("--one"), style("--two"), style("--three")];
  const axis = { stroke: style("--soft"), grid: { stroke: style("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  const scales = Object.fromEntries([["x", { time: false }], ...columns.map((_, index) => [`y${index}`, { range: (_u, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] }])]);
  const bars = labels.length <= 40 && uPlot.paths.bars({ size: [0.6, 40] });
  const series = columns.map((_, index) => ({
    label: titles[index], scale: `y${index}`, stroke: colors[index % 3], width: 2, points: { show: labels.length < 3 },
    fill: index === 0 ? colors[0] + "33" : undefined, paths: index === 0 && bars ? bars : undefined,
  }));
  const options = {
    width: Math.max(200, box.clientWidth - 8), height: box.clientHeight - 34, cursor: { drag: { x: false } }, scales,
    series: [{ label: table.tHead.rows[0].cells[at].textContent.trim(), value: (_u, index) => labels[index] ?? "" }, ...series],
    axes: [
      { ...axis, grid: { show: false }, values: (_u, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? labels[tick] ?? "" : "")), space: 90 },
      ...columns.slice(0, 2).map((_, index) => ({ ...axis, scale: `y${index}`, side: index ? 1 : 3, grid: { show: index === 0, stroke: style("--line"), width: 1 }, size: 56 })),
    ],
  };
  box.replaceChildren();
  new uPlot(options, [labels.map((_, index) => index), ...values], box);
}

function drawCharts() {
  document.querySelectorAll(".chart").forEach(drawChart);
}

document.addEventListener("DOMContentLoaded", drawCharts);
document.addEventListener("htmx:after:swap", drawCharts);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
let resizing;
addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(drawCharts, 150); });

document.addEventListener("click", (event) => {
  document.querySelectorAll("details.drop[open]").forEach((drop) => { if (!drop.contains(event.target)) drop.open = false; });
  if (event.target.matches("[data-all]")) {
    document.querySelectorAll(`input[name="${event.target.dataset.all}"]`).forEach((box) => { box.checked = event.target.checked; });
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.drop[open]").forEach((drop) => { drop.open = false; drop.querySelector("summary").focus(); });
  const menu = document.getElementById("menu-switch");
  if (menu) menu.checked = false;
});
