// Slack's mrkdwn → a `rich_text` block, as Slack does it before drawing.
//
// The library's own reader of mrkdwn is made for Markdown: it drops lines such as "# urgent" or "---",
// takes 10:30:15 for an emoji, and reads `&lt;@U1&gt;`, which somebody typed, as a mention. Rich text
// has no such doubts: what is text stays text.
// https://docs.slack.dev/messaging/formatting-message-text

const INLINE = new RegExp(
  [
    "<([^<>\\n]+)>", // 1: <@U…>, <#C…>, <!…>, <https://…|label>
    "`([^`\\n]+)`", // 2: code
    "(?<![\\w*])\\*(?=\\S)([^*\\n]*[^*\\s])\\*(?![\\w*])", // 3: bold
    "(?<![\\w_])_(?=\\S)([^_\\n]*[^_\\s])_(?![\\w_])", // 4: italic
    "(?<![\\w~])~(?=\\S)([^~\\n]*[^~\\s])~(?![\\w~])", // 5: struck out
    "(?<![\\w:]):([a-z+-][a-z0-9_+-]*):(?![\\w:])", // 6: emoji
    "(?<![\\w/])(https?://[^\\s<>|*`]*[\\w/])", // 7: an address as it was typed
  ].join("|"),
  "g",
);
const EMOJI = /(?<![\w:]):([a-z+-][a-z0-9_+-]*):(?![\w:])/g;
const STYLES = { 3: "bold", 4: "italic", 5: "strike" };

/** A phone number is drawn as a link to nowhere, because the library gives links out of its hands; how it is written follows. */
export const NUMBER_URL = "number:";
const NUMBER = /(\+1 \(?\d{3}\)?[- ]\d{3}-\d{4})/;

/** Text, with the phone numbers in it as elements of their own, which are never broken in two. */
const unbroken = (text, style) =>
  text.split(NUMBER).flatMap((part, index) =>
    index % 2 ? [{ type: "link", url: `${NUMBER_URL}${Object.keys(style).join(" ")}`, text: part }] : part ? [{ type: "text", text: part, style }] : []);

const unescaped = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** A text object (`mrkdwn` or `plain_text`) as a rich_text block. */
export function richText(text) {
  return { type: "rich_text", elements: text.type === "mrkdwn" ? parts(text.text) : [section(plain(text.text))] };
}

const section = (elements) => ({ type: "rich_text_section", elements });

function parts(text) {
  return text.split("```").flatMap((part, index) => {
    if (index % 2 === 0) return part ? paragraphs(part) : [];
    const inside = unescaped(part.replace(/^\n|\n$/g, ""));
    return [{ type: "rich_text_preformatted", elements: [{ type: "text", text: inside }] }];
  });
}

/** Runs of quoted lines and of others, in turn. */
function paragraphs(text) {
  const runs = [];
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    const type = quoted ? "rich_text_quote" : "rich_text_section";
    if (runs.at(-1)?.type !== type) runs.push({ type, lines: [] });
    runs.at(-1).lines.push(quoted ? quoted[1] : line);
  }
  return runs
    .map(({ type, lines }) => ({ type, text: lines.join("\n").replace(/\n$/, "") }))
    .filter((run) => run.text)
    .map((run) => ({ type: run.type, elements: inline(run.text) }));
}

function inline(text, style = {}) {
  const found = [];
  const say = (said) => found.push(...unbroken(unescaped(said), style));
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    say(text.slice(end, match.index));
    end = match.index + match[0].length;
    const which = [1, 2, 3, 4, 5, 6, 7].find((group) => match[group] !== undefined);
    const inside = match[which];
    if (which === 1) found.push(entity(inside, style));
    else if (which === 2) found.push({ type: "text", text: unescaped(inside), style: { ...style, code: true } });
    else if (which === 6) found.push({ type: "emoji", name: inside });
    else if (which === 7) found.push({ type: "link", url: unescaped(inside), text: unescaped(inside), style });
    else found.push(...inline(inside, { ...style, [STYLES[which]]: true }));
  }
  say(text.slice(end));
  return found;
}

/** What stands between < and >. */
function entity(body, style) {
  const [target, label] = cut(body, "|");
  if (target.startsWith("@")) return { type: "user", user_id: target.slice(1), style };
  if (target.startsWith("#")) return { type: "channel", channel_id: target.slice(1), style };
  if (target.startsWith("!subteam^")) return { type: "usergroup", usergroup_id: target.slice(9), style };
  if (target.startsWith("!date^")) {
    const [, timestamp, format, url] = target.split("^");
    if (!/^\d+$/.test(timestamp ?? "") || !format) return { type: "text", text: unescaped(label), style };
    return { type: "date", timestamp: Number(timestamp), format: unescaped(format), url, fallback: label };
  }
  if (/^!(here|channel|everyone)$/.test(target)) return { type: "broadcast", range: target.slice(1) };
  if (/^(https?:|mailto:|tel:)/.test(target)) {
    return { type: "link", url: unescaped(target), text: unescaped(label || target), style };
  }
  return { type: "text", text: unescaped(label || target), style };
}

function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** Plain text has emoji and nothing else. */
function plain(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(EMOJI)) {
    if (match.index > end) found.push({ type: "text", text: text.slice(end, match.index) });
    found.push({ type: "emoji", name: match[1] });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ type: "text", text: text.slice(end) });
  return found;
}
