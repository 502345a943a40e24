// A part of the panel that folds, and stays as it was left.
import { useId, useState } from "react";

const KEY = "dialtone-panel";

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function remember(name, isOpen) {
  localStorage.setItem(KEY, JSON.stringify({ ...remembered(), [name]: isOpen }));
}

/** `aside` stands beside the title, also while the section is folded. */
export function Section({ name, title, aside, startsOpen = false, children }) {
  const [isOpen, setOpen] = useState(() => remembered()[name] ?? startsOpen);
  const id = useId();
  function toggled(event) {
    setOpen(event.currentTarget.open);
    remember(name, event.currentTarget.open);
  }
  return (
    <details className="director-section" open={isOpen} onToggle={toggled} data-section={name}>
      <summary>
        <h3 id={id}>{title}</h3>
        {aside && <span className="director-aside">{aside}</span>}
      </summary>
      <div className="director-body" role="group" aria-labelledby={id}>
        {children}
      </div>
    </details>
  );
}

/** What the sandbox said when it would not do something. */
export function Refusal({ children }) {
  return (
    <p className="director-refusal" role="alert">
      {children}
    </p>
  );
}
