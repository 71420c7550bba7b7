(function () {
"use strict";
var palettes = /*PALETTES*/;
var dark = window.matchMedia("(prefers-color-scheme: dark)");
var hovers = window.matchMedia("(hover: hover)");
var token = /^@([a-z0-9]+)(?:\/([0-9.]+))?$/;
var boxes = Array.prototype.slice.call(document.querySelectorAll("[data-plot]"));
var printing = false;

function shade(text, palette) {
  var found = token.exec(text);
  if (!found || !palette[found[1]]) { return text; }
  var hex = palette[found[1]];
  if (!found[2]) { return hex; }
  var part = function (at) { return parseInt(hex.substr(at, 2), 16); };
  return "rgba(" + part(1) + "," + part(3) + "," + part(5) + "," + found[2] + ")";
}

function resolve(node, palette, colour) {
  if (typeof node === "string") { return colour ? shade(node, palette) : node; }
  if (Array.isArray(node)) { return node.map(function (item) { return resolve(item, palette, colour); }); }
  if (node === null || typeof node !== "object") { return node; }
  var made = {};
  Object.keys(node).forEach(function (key) {
    made[key] = resolve(node[key], palette, colour || /(color|colorscale|colorway)$/.test(key));
  });
  return made;
}

// A narrow screen has no room for wide margins, long axis titles or a colour bar at the side.
function fit(layout, width) {
  if (width >= 560) { return layout; }
  var wanted = layout.meta && layout.meta.narrow;
  layout.margin = { l: 44, r: 8, t: 12, b: 40 };
  layout.font.size = 11;
  Object.keys(layout).forEach(function (key) {
    if (/^[xy]axis/.test(key)) {
      layout[key].tickfont.size = 10;
      if (layout[key].type !== "category") { layout[key].nticks = layout[key].nticks || 5; }
    }
    if (/^xaxis/.test(key)) { layout[key].tickangle = 0; }
  });
  if (wanted) { merge(layout, wanted); }
  return layout;
}

function merge(into, from) {
  Object.keys(from).forEach(function (key) {
    var value = from[key];
    if (value && typeof value === "object" && !Array.isArray(value) && into[key] && typeof into[key] === "object") {
      merge(into[key], value);
    } else { into[key] = value; }
  });
}

function draw(box) {
  var source = JSON.parse(document.getElementById(box.dataset.plot).textContent);
  var own = source.layout.meta && source.layout.meta.theme;
  var theme = own || (dark.matches && !printing ? "dark" : "light");
  var plot = resolve(source, palettes[theme], false);
  var width = box.clientWidth;
  var layout = fit(plot.layout, width);
  var aspect = layout.meta && layout.meta.aspect;
  var height = box.dataset.height ? Number(box.dataset.height) : Math.round(width * (aspect || 0.6));
  box.style.height = height + "px";
  layout.height = height;
  layout.width = width;
  return Plotly.react(box, plot.data, layout, {
    displaylogo: false, responsive: false, plotlyServerURL: "",
    displayModeBar: hovers.matches && width >= 560 ? "hover" : false,
    modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]],
    toImageButtonOptions: { format: "svg", filename: box.dataset.plot.replace(/-d$/, "") }
  }).then(function () { box.dataset.drawn = String(width); });
}

function drawAll() { boxes.forEach(draw); }

function redrawResized() {
  boxes.forEach(function (box) { if (String(box.clientWidth) !== box.dataset.drawn) { draw(box); } });
}

// One after another, so that the page answers while a long report is drawn.
(function next(place) {
  if (place >= boxes.length) { document.documentElement.dataset.ready = "yes"; return; }
  draw(boxes[place]).then(function () { window.setTimeout(next, 0, place + 1); });
})(0);

var waiting = 0;
window.addEventListener("resize", function () {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(redrawResized, 150);
});
dark.addEventListener("change", drawAll);
window.addEventListener("beforeprint", function () { printing = true; drawAll(); });
window.addEventListener("afterprint", function () { printing = false; drawAll(); });
})();
