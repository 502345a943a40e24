// One setting of a provider, drawn from its description.
import { useEffect, useId, useState } from "react";

export function Knob({ knob, busy, onSet }) {
  const id = useId();
  const help = knob.help ? `${id}-help` : undefined;
  const Control = { choice: Choice, number: Figure, switch: Switch }[knob.kind];
  if (!Control) return null;
  return (
    <div className="knob" data-knob={knob.id} data-kind={knob.kind}>
      <label htmlFor={id}>{knob.label}</label>
      <Control id={id} help={help} knob={knob} busy={busy} onSet={(value) => onSet(knob.id, value)} />
      {help && <p id={help} className="knob-help">{knob.help}</p>}
    </div>
  );
}

function Choice({ id, help, knob, busy, onSet }) {
  // An option's value is a string; the sandbox wants the value that it gave.
  const at = knob.choices.findIndex(([value]) => value === knob.value);
  return (
    <select id={id} aria-describedby={help} aria-busy={busy} value={at} onChange={(event) => onSet(knob.choices[event.target.value][0])}>
      {at < 0 && <option value={-1}>{String(knob.value)}</option>}
      {knob.choices.map(([value, label], index) => (
        <option key={String(value)} value={index}>{label}</option>
      ))}
    </select>
  );
}

function Switch({ id, help, knob, busy, onSet }) {
  return (
    <input id={id} type="checkbox" role="switch" aria-describedby={help} aria-busy={busy}
      checked={Boolean(knob.value)} onChange={(event) => onSet(event.target.checked)} />
  );
}

/** Set when the person has finished: Enter, leaving the field, or the arrows. */
function Figure({ id, help, knob, busy, onSet }) {
  const [typed, setTyped] = useState(null);
  useEffect(() => setTyped(null), [knob.value]);
  const shown = typed ?? (knob.value ?? "");
  function finish() {
    if (typed === null) return;
    const isEmpty = typed.trim() === "";
    if (isEmpty && knob.value !== null) setTyped(null);
    else if (!isEmpty && Number(typed) !== knob.value) onSet(Number(typed));
    else setTyped(null);
  }
  return (
    <input id={id} type="number" inputMode="numeric" aria-describedby={help} aria-busy={busy}
      min={knob.min ?? undefined} max={knob.max ?? undefined} step={knob.step ?? "any"} placeholder="none"
      value={shown} onChange={(event) => setTyped(event.target.value)} onBlur={finish}
      onKeyDown={(event) => event.key === "Enter" && finish()} />
  );
}
