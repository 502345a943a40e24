// A part of the panel that folds, and stays as it was left.
import { useId, useRef, useState } from "react";

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
  const isPressed = useRef(false); // by the person, and not as it was left
  function toggled({ currentTarget: section }) {
    setOpen(section.open);
    remember(name, section.open);
    if (section.open && isPressed.current) section.scrollIntoView({ block: "nearest" });
    isPressed.current = false;
  }
  return (
    <details className="director-section" open={isOpen} onToggle={toggled} data-section={name}>
      <summary onClick={() => { isPressed.current = true; }}>
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
