// The page: fetches what there is whenever the server says that something changed, and draws it.
import { byId, make } from "./dom.js";
import { drawBlocks } from "./blocks.js";
import { confirmed, showModal } from "./dialogs.js";
import { keepTimesCurrent, mrkdwn } from "./mrkdwn.js";
import { showPanel, wirePanel } from "./panel.js";
import { fetchState, listen, post } from "./server.js";

const HOME = "home";
const FIRST_PERSON = "U0RILEY001";
let me = sessionStorage.getItem("me") ?? FIRST_PERSON;
let channel = sessionStorage.getItem("channel") ?? "";
let world = null;
let busy = false;
let again = false;
const seen = JSON.parse(sessionStorage.getItem("seen") ?? "{}");
const cards = new Map();

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    do {
      again = false;
      try {
        world = await fetchState(me);
        draw();
      } catch (error) {
        if (me !== FIRST_PERSON) { me = FIRST_PERSON; again = true; } else tell(String(error.message));
      }
    } while (again);
  } finally { busy = false; }
}

function tell(text) { byId("said").textContent = text; }

function draw() {
  if (channel !== HOME && !world.channels.some((each) => each.id === channel)) {
    channel = (world.channels.find((each) => each.name === "phones") ?? world.channels[0]).id;
  }
  drawPeople();
  drawChannels();
  drawMessages();
  showModal(world.modals, world, act);
  showPanel(world.panel, person(me).tz);
}

const person = (id) => world.users.find((user) => user.id === id);
const nameOf = (id) => person(id)?.real_name ?? "Slackbot";

function drawPeople() {
  const select = byId("act-as");
  if (!select.options.length) {
    const people = world.users.filter((user) => !user.is_bot);
    select.append(...people.map((user) => make("option", { value: user.id }, `${user.real_name} (${user.title})`)));
  }
  select.value = me;
}

function drawChannels() {
  const here = byId("channels");
  const focused = here.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
  const places = world.channels.map((each) => [each.id, each.is_im ? "Dialtone (direct message)" : `# ${each.name}${each.is_private ? " (private)" : ""}`]);
  places.push([HOME, "Dialtone: Home"]);
  here.replaceChildren(...places.map(([id, label]) => {
    const isNew = id !== channel && (world.messages[id] ?? []).at(-1)?.ts > (seen[`${me} ${id}`] ?? "");
    return make("button", { type: "button", "data-channel": id, "aria-current": id === channel ? "page" : null, class: isNew ? "unread" : "", onclick: () => go(id) },
      label, isNew ? make("span", { class: "badge" }, "new") : null);
  }));
  if (focused) here.querySelector(`[data-channel="${focused}"]`)?.focus();
}

function go(id) {
  channel = id;
  sessionStorage.setItem("channel", id);
  cards.clear();
  byId("messages").replaceChildren();
  tell("");
  if (id === HOME) post("/act/open_home", { user: me });
  draw();
}

function drawMessages() {
  const list = byId("messages");
  const place = world.channels.find((each) => each.id === channel);
  byId("channel-name").textContent = channel === HOME ? "Home" : place.is_im ? "Dialtone" : `#${place.name}${place.is_private ? " (private)" : ""}${place.has_bot ? "" : " (the bot is not in here)"}${place.is_archived ? " (archived)" : ""}`;
  byId("composer").hidden = channel === HOME;
  if (channel === HOME) { drawHome(list); return; }
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const messages = world.messages[channel] ?? [];
  seen[`${me} ${channel}`] = messages.at(-1)?.ts ?? "";
  sessionStorage.setItem("seen", JSON.stringify(seen));
  const wanted = messages.map((message) => card(message));
  for (const [ts] of cards) if (!messages.some((message) => message.ts === ts)) cards.delete(ts);
  if (!wanted.length) wanted.push(make("p", { class: "empty" }, "Nothing here yet. Try: /line buy new desk in Denver"));
  const there = [...list.children];
  if (there.length !== wanted.length || wanted.some((node, index) => node !== there[index])) {
    const focused = list.contains(document.activeElement) ? document.activeElement.closest("article")?.dataset.ts : null;
    list.replaceChildren(...wanted);
    if (focused) list.querySelector(`[data-ts="${focused}"]`)?.focus({ preventScroll: true });
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
}

function card(message) {
  const text = JSON.stringify([message, me]);
  const known = cards.get(message.ts);
  if (known?.text === text) return known.node;
  const zone = person(me).tz;
  const at = new Date(Number(message.ts) * 1000).toLocaleTimeString("en-US", { timeZone: zone, hour: "numeric", minute: "2-digit" });
  const context = { world, act: (element, block, value, target) => act(element, block, value, target, message) };
  const isApp = person(message.user)?.is_bot;
  const node = make("article", { "data-ts": message.ts, tabindex: "-1", class: message.is_ephemeral ? "ephemeral" : "", "aria-label": `${nameOf(message.user)}, ${at}` },
    make("span", { class: `face ${isApp ? "app" : ""}`, "aria-hidden": "true" }, nameOf(message.user)[0]),
    make("div", { class: "body" },
      make("p", { class: "by" }, make("strong", {}, nameOf(message.user)), isApp ? make("span", { class: "tag" }, "APP") : null, make("span", { class: "at" }, at)),
      message.blocks.length ? drawBlocks(message.blocks, context) : make("div", {}, mrkdwn(message.text, world)),
      message.is_edited ? make("p", { class: "small" }, "(edited)") : null,
      message.is_ephemeral ? make("p", { class: "small" }, "Only visible to you") : null));
  cards.set(message.ts, { text, node });
  return node;
}

function drawHome(list) {
  const { home } = world;
  const text = JSON.stringify(["home", home?.hash, me]);
  if (list.dataset.home === text && list.firstChild) return;
  list.dataset.home = text;
  const act_ = (element, block, value, target) => act(element, block, value, target, home);
  list.replaceChildren(...(home ? drawBlocks(home.body.blocks, { world, state: home.state, act: act_ }) : [make("p", { class: "empty" }, "This app has nothing on its Home tab.")]));
}

/** Somebody used an element of a message, a modal or Home. */
async function act(element, block, value, target, source) {
  if (/^https?:/.test(element.url ?? "")) window.open(element.url, "_blank", "noreferrer");
  if (element.confirm && !(await confirmed(element.confirm, world))) return;
  const said = { user: me, action_id: element.action_id, block_id: block.block_id, value };
  const isMessage = "ts" in source;
  const where = isMessage ? { channel: source.channel, ts: source.ts } : { view_id: source.id };
  target?.setAttribute("aria-busy", "true");
  const answer = await post(isMessage ? "/act/click" : "/act/click_view", { ...said, ...where });
  target?.removeAttribute("aria-busy");
  tell(answer.error ?? "");
}

byId("act-as").addEventListener("change", (event) => {
  me = event.target.value;
  sessionStorage.setItem("me", me);
  cards.clear();
  byId("messages").replaceChildren();
  refresh();
});

const typed = [];
let back = 0;
byId("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = byId("text");
  const text = field.value.trim();
  if (!text) return;
  typed.push(text);
  back = typed.length;
  field.value = "";
  tell("");
  const answer = await post("/act/say", { user: me, channel, text });
  if (answer.error) { tell(answer.error); field.value ||= text; }
});
byId("text").addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !typed.length) return;
  event.preventDefault();
  back = Math.min(Math.max(back + step, 0), typed.length);
  event.target.value = typed[back] ?? "";
});

wirePanel(tell);
keepTimesCurrent();
listen(refresh, (lost) => document.body.classList.toggle("lost", lost));
refresh();
