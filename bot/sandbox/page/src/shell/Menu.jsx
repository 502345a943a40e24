// A button that opens a menu: https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/
import { useEffect, useId, useRef, useState } from "react";

/** `items` are [{ id, label, hint? }]; `choose(item)` is called with the chosen one. */
export function Menu({ label, sign, className, items, choose }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const button = useRef(null);
  const list = useRef(null);

  useEffect(() => {
    if (!isOpen) return undefined;
    list.current.querySelector("[role=menuitem]")?.focus();
    const outside = (event) => {
      if (!list.current?.contains(event.target) && !button.current.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    button.current.focus();
  };
  const keys = (event) => {
    const there = [...list.current.querySelectorAll("[role=menuitem]")];
    const at = there.indexOf(document.activeElement);
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: there.length - 1 };
    if (event.key in steps) {
      event.preventDefault();
      there.at(steps[event.key] % there.length).focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") setOpen(false);
  };
  return (
    <div className="menu">
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || isOpen) return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {sign}
      </button>
      {isOpen && (
        <div ref={list} id={id} role="menu" aria-label={label} className="popup" onKeyDown={keys}>
          {items.map((item) => (
            <button
              key={item.id}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                choose(item);
              }}
            >
              <span>{item.label}</span>
              {item.hint && <small>{item.hint}</small>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
