// Block Kit → DOM nodes. `act(element, block, value)` is called when somebody uses an element.
import { chart } from "./chart.js";
import { make } from "./dom.js";
import { mrkdwn, textNodes } from "./mrkdwn.js";

/** `context` is { world, act, state, errors }; the last two are a modal's. */
export function drawBlocks(blocks, context) {
  return blocks.map((block) => (DRAWERS[block.type] ?? unknown)(block, context));
}

const DRAWERS = {
  section: (block, context) =>
    make("div", { class: "section" },
      make("div", { class: "words" },
        block.text ? make("div", {}, textNodes(block.text, context.world)) : null,
        block.fields ? make("div", { class: "fields" }, block.fields.map((field) => make("div", {}, textNodes(field, context.world)))) : null),
      block.accessory ? drawElement(block.accessory, block, context) : null),
  header: (block) => make("h3", { class: "header" }, block.text.text),
  divider: () => make("hr"),
  context: (block, { world }) =>
    make("div", { class: "context" }, block.elements.map((each) => (each.type === "image" ? image(each) : make("span", {}, textNodes(each, world))))),
  actions: (block, context) =>
    make("div", { class: "actions" }, block.elements.map((each) => drawElement(each, block, context))),
  image: (block) => image(block),
  markdown: (block) => make("div", { class: "markdown" }, block.text),
  rich_text: (block, { world }) => make("div", { class: "markdown" }, rich(block, world)),
  table: (block, context) => table(block, context),
  data_table: (block, context) => table(block, context),
  data_visualization: (block) => chart(block),
  input: (block, context) => input(block, context),
};

const unknown = (block) => make("p", { class: "placeholder" }, `(${block.type}: not drawn here)`);
const image = (block) => make("span", { class: "placeholder" }, `[picture: ${block.alt_text}]`);

/** Rich text as nodes: people, instants, and words, in code or bold where they are. */
function rich(node, world) {
  switch (node.type) {
    case "user": return mrkdwn(`<@${node.user_id}>`, world);
    case "date": return mrkdwn(`<!date^${node.timestamp}^${node.format}|${node.fallback ?? ""}>`, world);
    case "text": {
      const tag = node.style?.code ? "code" : node.style?.bold ? "strong" : null;
      return tag ? [make(tag, {}, node.text)] : [node.text];
    }
    default: return (node.elements ?? []).flatMap((each) => rich(each, world));
  }
}

function table(block, { world }) {
  const cell = (tag, each) => make(tag, {}, each.type === "rich_text" ? rich(each, world) : textNodes({ type: "plain_text", text: String(each.text ?? each.value) }, world));
  const [head, ...rows] = block.rows;
  return make("div", { class: "scroll" },
    make("table", {},
      block.caption ? make("caption", {}, block.caption) : null,
      make("thead", {}, make("tr", {}, head.map((each) => cell("th", each)))),
      make("tbody", {}, rows.map((row) => make("tr", {}, row.map((each) => cell("td", each)))))));
}

export function drawElement(element, block, context) {
  if (element.type === "image") return image(element);
  if (element.type === "button") {
    return make("button", {
      type: "button",
      class: element.style ?? "",
      "data-action": element.action_id,
      "aria-label": element.accessibility_label,
      onclick: (event) => context.act(element, block, undefined, event.currentTarget),
    }, element.text.text);
  }
  return control(element, block, context, (value, target) => context.act(element, block, value, target), true);
}

/** A menu, choice or field. `changed(value, element)` runs on every change. */
function control(element, block, context, changed, isAlone) {
  const id = `${block.block_id}-${element.action_id}`;
  const state = context.state?.[block.block_id]?.[element.action_id] ?? {};
  const name = isAlone ? { "aria-label": element.placeholder?.text ?? element.action_id } : { id };
  const options = element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
  switch (element.type) {
    case "static_select":
    case "overflow": {
      const chosen = (state.selected_option ?? element.initial_option)?.value;
      return make("select", { ...name, onchange: (event) => event.target.value && changed(event.target.value, event.target) },
        make("option", { value: "" }, element.placeholder?.text ?? "Choose…"),
        options.map((option) => make("option", { value: option.value, selected: option.value === chosen }, option.text.text)));
    }
    case "radio_buttons":
    case "checkboxes": {
      const single = element.type === "radio_buttons";
      const initial = single ? [state.selected_option ?? element.initial_option] : state.selected_options ?? element.initial_options ?? [];
      const chosen = new Set(initial.filter(Boolean).map((option) => option.value));
      const group = make("div", { ...name, role: single ? "radiogroup" : "group", class: "choices" });
      const pick = (event) => {
        const values = [...group.querySelectorAll("input:checked")].map((each) => each.value);
        changed(single ? values[0] : values, event.target);
      };
      group.append(...options.map((option) =>
        make("label", {},
          make("input", { type: single ? "radio" : "checkbox", name: id, value: option.value, checked: chosen.has(option.value), onchange: pick }),
          make("span", {}, textNodes(option.text, context.world)))));
      return group;
    }
    case "users_select":
      return make("select", { ...name, onchange: (event) => event.target.value && changed(event.target.value, event.target) },
        make("option", { value: "" }, element.placeholder?.text ?? "Choose a person…"),
        context.world.users.filter((user) => !user.is_bot).map((user) => make("option", { value: user.id, selected: user.id === (state.selected_user ?? element.initial_user) }, user.real_name)));
    case "datepicker":
    case "timepicker": {
      const type = element.type === "datepicker" ? "date" : "time";
      const value = state[`selected_${type}`] ?? element[`initial_${type}`];
      return make("input", { ...name, type, value, onchange: (event) => changed(event.target.value, event.target) });
    }
    default: {
      const value = state.value ?? element.initial_value ?? "";
      const shared = { ...name, placeholder: element.placeholder?.text, maxlength: element.max_length, oninput: (event) => changed(event.target.value, event.target) };
      if (element.multiline) return make("textarea", { ...shared, rows: 4 }, value);
      return make("input", { ...shared, type: element.type === "number_input" ? "number" : "text", value });
    }
  }
}

function input(block, context) {
  const { element, label } = block;
  const id = `${block.block_id}-${element.action_id}`;
  const problem = context.errors?.[block.block_id];
  const field = control(element, block, context, (value) => context.fill(block.block_id, value), false);
  const described = [block.hint && `${id}-hint`, problem && `${id}-error`].filter(Boolean).join(" ");
  if (described) field.setAttribute("aria-describedby", described);
  if (problem) field.setAttribute("aria-invalid", "true");
  return make("div", { class: "input" },
    make("label", { for: id }, label.text, block.optional ? " (optional)" : ""),
    field,
    block.hint ? make("p", { class: "hint", id: `${id}-hint` }, block.hint.text) : null,
    problem ? make("p", { class: "error", id: `${id}-error`, role: "alert" }, problem) : null);
}
