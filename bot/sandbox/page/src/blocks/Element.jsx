// The elements that can be used, each an ordinary control of the browser.
import { useId, useState } from "react";
import { usePeople } from "../people.jsx";
import { Menu } from "../shell/Menu.jsx";
import { Text } from "./Drawn.jsx";
import { initialValue, useInteraction } from "./interaction.jsx";

/** An element in an `actions` block or beside a section: using it tells the app at once. */
export function Element({ element, block }) {
  const { act } = useInteraction();
  const [isBusy, setBusy] = useState(false);
  const use = async (value) => {
    if (isBusy) return;
    try {
      await act(element, block, value, () => setBusy(true));
    } finally {
      setBusy(false);
    }
  };
  const Drawn = element.type === "button" ? Button : element.type === "overflow" ? Overflow : null;
  if (Drawn) return <Drawn element={element} use={use} isBusy={isBusy} />;
  if (element.type === "image") return <p className="placeholder">Picture: {element.alt_text}</p>;
  const label = element.placeholder?.text ?? block.text?.text ?? "Choose";
  return <Control element={element} block={block} changed={use} aria={{ "aria-label": label }} />;
}

function Button({ element, use, isBusy }) {
  return (
    <button
      type="button"
      className={`button ${element.style ?? ""}`}
      aria-label={element.accessibility_label}
      aria-busy={isBusy || undefined}
      onClick={() => use()}
    >
      {element.text.text}
    </button>
  );
}

function Overflow({ element, use }) {
  const items = element.options.map((option) => ({ id: option.value, label: option.text.text }));
  return <Menu label="More actions" className="button" sign="⋯" items={items} choose={(item) => use(item.id)} />;
}

/** A menu, choice or field. `changed(value)` runs on every change; `aria` are the field's attributes. */
export function Control({ element, block, changed, aria }) {
  const { state } = useInteraction();
  const [value, setValue] = useState(() => initialValue(element, block, state));
  const change = (next) => {
    setValue(next);
    changed(next);
  };
  const Drawn = CONTROLS[element.type] ?? TextField;
  return <Drawn element={element} value={value} change={change} aria={aria} />;
}

function Select({ element, value, change, aria }) {
  const option = (each) => <option key={each.value} value={each.value}>{each.text.text}</option>;
  return (
    <PlainSelect element={element} value={value} change={change} aria={aria}>
      {element.options?.map(option)}
      {element.option_groups?.map((group) => (
        <optgroup key={group.label.text} label={group.label.text}>{group.options.map(option)}</optgroup>
      ))}
    </PlainSelect>
  );
}

function PlainSelect({ element, value, change, aria, children }) {
  return (
    <select {...aria} className="field" value={value} onChange={(event) => change(event.target.value)}>
      <option value="">{element.placeholder?.text ?? "Choose…"}</option>
      {children}
    </select>
  );
}

function Users(props) {
  const people = [...usePeople().users.values()].filter((user) => !user.is_bot);
  return (
    <PlainSelect {...props}>
      {people.map((user) => <option key={user.id} value={user.id}>{user.real_name}</option>)}
    </PlainSelect>
  );
}

function Conversations(props) {
  const { element } = props;
  const wanted = element.type === "channels_select" ? ["public"] : element.filter?.include ?? ["public", "private", "im"];
  const kind = (channel) => (channel.is_im ? "im" : channel.is_private ? "private" : "public");
  const there = [...usePeople().channels.values()].filter((each) => wanted.includes(kind(each)) && !each.is_archived);
  return (
    <PlainSelect {...props}>
      {there.map((each) => (
        <option key={each.id} value={each.id}>{each.is_im ? "Dialtone (direct message)" : `#${each.name}`}</option>
      ))}
    </PlainSelect>
  );
}

/** Radio buttons and checkboxes; a menu of several choices is drawn as checkboxes too. */
function Choices({ element, value, change, aria }) {
  const name = useId();
  const isOne = element.type === "radio_buttons";
  const options = element.options ?? element.option_groups.flatMap((group) => group.options);
  const pick = (option, isChecked) => {
    if (isOne) return change(option.value);
    const rest = value.filter((each) => each !== option.value);
    return change(isChecked ? [...rest, option.value] : rest);
  };
  return (
    <div {...aria} role={isOne ? "radiogroup" : "group"} className="choices" tabIndex={-1}>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type={isOne ? "radio" : "checkbox"}
            name={name}
            checked={isOne ? value === option.value : value.includes(option.value)}
            onChange={(event) => pick(option, event.target.checked)}
          />
          <span>
            <Text text={option.text} />
            {option.description && <span className="hint"><Text text={option.description} /></span>}
          </span>
        </label>
      ))}
    </div>
  );
}

function Moment({ element, value, change, aria }) {
  const type = element.type === "datepicker" ? "date" : "time";
  return <input {...aria} className="field" type={type} value={value} onChange={(event) => change(event.target.value)} />;
}

function TextField({ element, value, change, aria }) {
  const shared = {
    ...aria,
    className: "field",
    value,
    placeholder: element.placeholder?.text,
    maxLength: element.max_length,
    onChange: (event) => change(event.target.value),
  };
  if (element.multiline) return <textarea {...shared} rows={4} />;
  return <input {...shared} type="text" inputMode={MODES[element.type]} autoComplete="off" />;
}

const MODES = { number_input: "decimal", email_text_input: "email", url_text_input: "url" };
const CONTROLS = {
  static_select: Select,
  external_select: Select,
  users_select: Users,
  conversations_select: Conversations,
  channels_select: Conversations,
  radio_buttons: Choices,
  checkboxes: Choices,
  multi_static_select: Choices,
  datepicker: Moment,
  timepicker: Moment,
};
