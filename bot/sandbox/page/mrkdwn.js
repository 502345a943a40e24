// Slack's mrkdwn → DOM nodes: https://docs.slack.dev/messaging/formatting-message-text
import { make } from "./dom.js";

const INLINE = /<([^<>\n]+)>|`([^`\n]+)`|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/g;
const TAGS = ["code", "strong", "em", "s"];

export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** A text object (or a plain string of mrkdwn) as nodes. */
export function textNodes(text, world) {
  if (text === null || text === undefined) return [];
  if (typeof text === "string") return mrkdwn(text, world);
  if (text.type === "mrkdwn") return mrkdwn(text.text, world);
  return lines(text.text, (line) => [line]);
}

export function mrkdwn(text, world) {
  const nodes = [];
  text.split("```").forEach((part, index) => {
    if (index % 2) nodes.push(make("pre", {}, unescape(part.replace(/^\n|\n$/g, ""))));
    else if (part) nodes.push(...quoted(part, world));
  });
  return nodes;
}

function quoted(text, world) {
  const nodes = [];
  let quote = [];
  let plain = [];
  const flush = () => {
    if (quote.length) nodes.push(make("blockquote", {}, lines(quote.join("\n"), (line) => inline(line, world))));
    if (plain.length) nodes.push(...lines(plain.join("\n"), (line) => inline(line, world)));
    quote = [];
    plain = [];
  };
  for (const line of text.split("\n")) {
    const found = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (found ? plain.length : quote.length) flush();
    (found ? quote : plain).push(found ? found[1] : line);
  }
  flush();
  return nodes;
}

function lines(text, each) {
  return text.split("\n").flatMap((line, index) => (index ? [make("br"), ...each(line)] : each(line)));
}

function inline(text, world) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > end) nodes.push(unescape(text.slice(end, found.index)));
    end = found.index + found[0].length;
    if (found[1] !== undefined) nodes.push(entity(found[1], world));
    else {
      const which = [2, 3, 4, 5].find((group) => found[group] !== undefined);
      const inner = which === 2 ? [unescape(found[2])] : inline(found[which], world);
      nodes.push(make(TAGS[which - 2], {}, inner));
    }
  }
  if (end < text.length) nodes.push(unescape(text.slice(end)));
  return nodes;
}

function entity(body, world) {
  const [target, label] = split(body, "|");
  if (target.startsWith("@")) {
    const user = world.users.find((each) => each.id === target.slice(1));
    return mention(`@${user ? user.real_name : label || target.slice(1)}`, target.slice(1) === world.me);
  }
  if (target.startsWith("#")) {
    const channel = world.channels.find((each) => each.id === target.slice(1));
    return mention(`#${channel ? channel.name : label || "private channel"}`);
  }
  if (target.startsWith("!subteam^")) {
    const group = world.groups.find((each) => each.id === target.slice(9));
    return mention(`@${group ? group.handle : (label || target).replace(/^@/, "")}`);
  }
  if (target.startsWith("!date^")) return date(target, label, world);
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`, true);
  if (/^(https?:|mailto:|tel:)/.test(target)) {
    return make("a", { href: target, rel: "noreferrer noopener", target: "_blank" }, unescape(label || target));
  }
  return unescape(label || target);
}

const split = (text, mark) => {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
};

const mention = (text, loud = false) => make("span", { class: loud ? "mention loud" : "mention" }, text);

function date(target, fallback, world) {
  const [, seconds, format, link] = target.split("^");
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return unescape(fallback);
  const zone = world.users.find((each) => each.id === world.me)?.tz;
  const write = () => unescape(format.replace(/\{(\w+)\}/g, (token, name) => dateToken(name, at, zone) ?? token));
  const full = at.toLocaleString([], { timeZone: zone, dateStyle: "full", timeStyle: "long" });
  const time = make("time", { datetime: at.toISOString(), title: full }, write());
  time.rewrite = () => { const now = write(); if (time.textContent !== now) time.textContent = now; };
  return link ? make("a", { href: link, rel: "noreferrer noopener", target: "_blank" }, time) : time;
}

function dateToken(name, at, zone) {
  const say = (options) => at.toLocaleString("en-US", { timeZone: zone, ...options });
  const pretty = name.endsWith("_pretty") ? near(at, zone) : null;
  switch (name) {
    case "ago": return ago(at);
    case "time": return say({ hour: "numeric", minute: "2-digit" });
    case "time_secs": return say({ hour: "numeric", minute: "2-digit", second: "2-digit" });
    case "date_num": return at.toLocaleDateString("sv-SE", { timeZone: zone });
    case "date": case "date_pretty": return pretty ?? say({ month: "long", day: "numeric", year: "numeric" });
    case "date_short": case "date_short_pretty": return pretty ?? say({ month: "short", day: "numeric", year: "numeric" });
    case "date_long": case "date_long_pretty": return pretty ?? say({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
    default: return null;
  }
}

function near(at, zone) {
  const day = (when) => Date.parse(when.toLocaleDateString("sv-SE", { timeZone: zone })) / 86_400_000;
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[day(at) - day(new Date())] ?? null;
}

function ago(at) {
  const seconds = (at.getTime() - Date.now()) / 1000;
  const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  for (const [unit, size] of [["day", 86_400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(Math.round(seconds), "second");
}

/** Keeps "in 9 minutes" true. */
export function keepTimesCurrent() {
  setInterval(() => document.querySelectorAll("time").forEach((time) => time.rewrite?.()), 1000);
}
