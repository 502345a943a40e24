// The `data_visualization` block: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
// Bars for every kind of plot, a legend, and each value as a title; pies are told, not drawn.
import { make } from "./dom.js";

const WIDTH = 600, HEIGHT = 150, FOOT = 18, SIDE = 22;

export function chart(block) {
  const { chart: drawn, title } = block;
  if (drawn.type === "pie") {
    return figure(title, [], drawn.segments.map((each) => `${each.label}: ${each.value}`));
  }
  return figure(title, [bars(drawn, title)], drawn.series.map((each) => each.name));
}

const figure = (title, picture, names) =>
  make("figure", { class: "chart" }, make("figcaption", {}, title), picture,
    make("ul", { class: "legend" }, names.map((name, index) => make("li", { class: `series${index}` }, name))));

function bars({ series, axis_config: { categories, y_label: unit } }, title) {
  const most = Math.max(1, ...series.flatMap((each) => each.data.map((point) => point.value)));
  const room = (WIDTH - SIDE) / categories.length;
  const wide = (room * 0.8) / series.length;
  const high = (value) => (Math.max(0, value) / most) * (HEIGHT - FOOT - 10);
  const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spoken(series, title) },
    svg("line", { x1: SIDE, x2: WIDTH, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT, class: "axis" }),
    svg("text", { x: 0, y: 10 }, most), svg("text", { x: 0, y: HEIGHT - FOOT }, 0));
  categories.forEach((category, column) => {
    const left = SIDE + column * room + room * 0.1;
    drawn.append(svg("text", { x: left + room * 0.4, y: HEIGHT - 4, "text-anchor": "middle" }, category));
    series.forEach(({ name, data }, index) => {
      const { value } = data.find((point) => point.label === category) ?? { value: 0 };
      const bar = svg("rect", { x: left + index * wide, y: HEIGHT - FOOT - high(value), width: wide, height: high(value), class: `series${index}` });
      bar.append(svg("title", {}, `${category}, ${name}: ${value} ${unit ?? ""}`));
      drawn.append(bar);
    });
  });
  return drawn;
}

/** What screen readers say in place of the picture. */
function spoken(series, title) {
  const said = series.flatMap(({ name, data }) => data.filter((point) => point.value).map((point) => `${point.label}: ${point.value} ${name}`));
  return `${title}. ${said.join(", ")}`;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
