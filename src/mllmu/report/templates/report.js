"use strict";
// A figure in a hidden tab or closed details has no width; it is drawn when these are opened.
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
function drawVisible() {
  for (const plot of plots) {
    if (!plot.offsetWidth) continue;
    if (plot.dataset.drawn) Plotly.Plots.resize(plot);
    else draw(plot);
  }
}

drawVisible();
document.addEventListener("change", drawVisible);
document.addEventListener("toggle", drawVisible, true);  // the event does not bubble
const redraw = () => plots.filter((plot) => plot.dataset.drawn).forEach(draw);
dark.addEventListener("change", redraw);
addEventListener("beforeprint", () => { printing = true; plots.forEach(draw); });
addEventListener("afterprint", () => { printing = false; redraw(); });
