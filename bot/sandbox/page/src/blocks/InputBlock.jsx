// A field of a modal, with its label, hint and error.
import { Control } from "./Element.jsx";
import { fieldId, useInteraction } from "./interaction.jsx";

const GROUPS = new Set(["radio_buttons", "checkboxes", "multi_static_select"]);
const TYPED = new Set(["plain_text_input", "email_text_input", "url_text_input", "number_input"]);

export function InputBlock({ block }) {
  const { element, label, hint, optional } = block;
  const { fill, act, errors } = useInteraction();
  const problem = errors?.[block.block_id];
  const id = fieldId(block, element);
  const isGroup = GROUPS.has(element.type);
  const described = [hint && `${id}-hint`, problem && `${id}-error`].filter(Boolean).join(" ");
  const aria = {
    id,
    "aria-describedby": described || undefined,
    "aria-invalid": problem && !isGroup ? true : undefined,
    "aria-required": optional || isGroup ? undefined : true,
    "aria-labelledby": isGroup ? `${id}-label` : undefined,
    "data-problem": problem ? true : undefined,
  };
  const changed = (value) => {
    fill?.(block, value);
    if (block.dispatch_action && !TYPED.has(element.type)) act(element, block, value);
  };
  const dispatched = (event) => {
    const wanted = block.dispatch_action && TYPED.has(element.type) && event.key === "Enter";
    if (!wanted || event.target.tagName === "TEXTAREA") return;
    event.preventDefault();
    act(element, block, event.target.value);
  };
  const Label = isGroup ? "span" : "label";
  return (
    <div className={problem ? "input wrong" : "input"} onKeyDown={dispatched}>
      <Label id={`${id}-label`} className="input-label" htmlFor={isGroup ? undefined : id}>
        {label.text}
        {optional && <span className="optional"> (optional)</span>}
      </Label>
      <Control element={element} block={block} changed={changed} aria={aria} />
      {problem && <p className="problem" id={`${id}-error`}>{problem}</p>}
      {hint && <p className="hint" id={`${id}-hint`}>{hint.text}</p>}
    </div>
  );
}
