// Slack's confirm dialogs, and modals.
import { byId, make } from "./dom.js";
import { drawBlocks } from "./blocks.js";
import { textNodes } from "./mrkdwn.js";
import { post } from "./server.js";

/** Resolves to true when the person goes ahead. */
export function confirmed(question, world) {
  const dialog = byId("confirm");
  byId("confirm-title").textContent = question.title.text;
  byId("confirm-text").replaceChildren(...textNodes(question.text, world));
  byId("confirm-deny").textContent = question.deny.text;
  byId("confirm-go").textContent = question.confirm.text;
  byId("confirm-go").className = question.style ?? "primary";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), { once: true });
  });
}

let drawn = "";
let values = {};
let open = null;

/** Shows the topmost of the user's modals, or none. What was typed stays while its fields stay. */
export function showModal(views, world, act) {
  const dialog = byId("modal");
  const view = views.at(-1);
  const now = view ? JSON.stringify([view.id, view.hash, view.errors, view.trouble]) : "";
  if (now === drawn) return;
  drawn = now;
  if (!view) {
    open = null;
    dialog.close();
    return;
  }
  if (view.id !== open?.id) values = {};
  open = view;
  const context = {
    world,
    state: withTyped(view),
    errors: view.errors,
    fill: (blockId, value) => { values[blockId] = value; },
    act: (element, block, value, target) => act(element, block, value, target, view),
  };
  const { body } = view;
  const close = make("button", { type: "button", onclick: () => leave(view) }, body.close?.text ?? "Close");
  const submit = body.submit && make("button", { class: "primary" }, body.submit.text);
  const form = make("form", { novalidate: true },
    make("h2", { id: "modal-title" }, body.title.text),
    view.trouble ? make("p", { class: "error", role: "alert" }, view.trouble) : null,
    drawBlocks(body.blocks, context),
    make("div", { class: "buttons" }, close, submit));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const missing = body.blocks.find((block) => block.type === "input" && !block.optional && !filled(view, block));
    if (missing) {
      const field = form.querySelector(`[id="${CSS.escape(`${missing.block_id}-${missing.element.action_id}`)}"]`);
      field?.setAttribute("aria-invalid", "true");
      field?.focus();
      return;
    }
    if (submit) submit.disabled = true;
    await post("/act/submit", { view_id: view.id, values });
    if (submit) submit.disabled = false;
  });
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
  (form.querySelector("[aria-invalid]") ?? form.querySelector("input, textarea, select"))?.focus();
  dialog.oncancel = (event) => { event.preventDefault(); leave(view); };
}

const leave = (view) => post("/act/close_view", { view_id: view.id });

function filled(view, block) {
  if (block.block_id in values) return Boolean(values[block.block_id]?.length);
  const state = view.state[block.block_id]?.[block.element.action_id] ?? {};
  return Object.entries(state).some(([name, value]) => name !== "type" && value && value.length !== 0);
}

function withTyped(view) {
  const state = structuredClone(view.state);
  for (const block of view.body.blocks) {
    const value = values[block.block_id];
    const kept = block.type === "input" ? state[block.block_id]?.[block.element.action_id] : undefined;
    if (value === undefined || !kept) continue;
    const options = block.element.options ?? [];
    if ("value" in kept) kept.value = value;
    else if ("selected_option" in kept) kept.selected_option = options.find((each) => each.value === value);
    else if ("selected_options" in kept) kept.selected_options = options.filter((each) => value.includes(each.value));
    else kept[Object.keys(kept).find((name) => name !== "type")] = value;
  }
  return state;
}
