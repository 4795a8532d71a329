"use strict";
// Figures are drawn when they come into sight: hidden ones have no width yet.
const dark = matchMedia("(prefers-color-scheme: dark)");
let printing = false;

function paint(text) {
  if (!dark.matches || printing) return text;
  return Object.entries(DARK).reduce((all, [light, night]) => all.replaceAll(light, night), text);
}

function draw(plot) {
  const figure = JSON.parse(paint(plot.dataset.figure));
  const config = { responsive: true, displaylogo: false, displayModeBar: false };
  Plotly.react(plot, figure.data, figure.layout, config);
  plot.dataset.drawn = "yes";
}

const plots = [...document.querySelectorAll(".plot")];
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    if (entry.target.dataset.drawn) Plotly.Plots.resize(entry.target);
    else draw(entry.target);
  }
}, { rootMargin: "400px" });
plots.forEach((plot) => watcher.observe(plot));

const redraw = () => plots.filter((plot) => plot.dataset.drawn).forEach(draw);
dark.addEventListener("change", redraw);
addEventListener("beforeprint", () => { printing = true; plots.forEach(draw); });
addEventListener("afterprint", () => { printing = false; redraw(); });
