// Where messages and commands are typed: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { completions } from "./completion.js";
import { Bolt, Send } from "./icons.jsx";
import { Menu } from "./Menu.jsx";

const history = []; // what was sent, oldest first

/** `say(text)` resolves to an error's sentence or "". `draft` is { text } that the tour put here; the focus stays where it is. */
export function Composer({ label, placeholder, world, say, shortcuts, useShortcut, draft, fieldId }) {
  const [text, setText] = useState("");
  const [said, tell] = useState("");
  const [active, setActive] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const [back, setBack] = useState(null); // where in the history we are
  const field = useRef(null);
  const id = useId();
  const offers = useMemo(() => (isOpen ? completions(text, world) : []), [isOpen, text, world]);
  const isOffering = offers.length > 0;
  const chosen = Math.min(active, offers.length - 1);

  useEffect(() => {
    if (!draft) return;
    setText(draft.text);
    setOpen(false);
  }, [draft]);

  const write = (next) => {
    setText(next);
    setOpen(true);
    setActive(-1);
    setBack(null);
  };
  const take = (offer) => {
    write(offer.insert);
    field.current.focus();
  };
  const recall = (step) => {
    const next = Math.min(Math.max((back ?? history.length) + step, 0), history.length);
    setBack(next);
    setText(history[next] ?? "");
    setOpen(false);
  };
  const send = async (event) => {
    event.preventDefault();
    const sent = text.trim();
    if (!sent) return;
    if (history.at(-1) !== sent) history.push(sent);
    setText("");
    setOpen(false);
    setBack(null);
    tell("");
    const error = await say(sent);
    if (error) {
      tell(error);
      setText((now) => now || sent);
    }
  };
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!isPlain || event.nativeEvent.isComposing) return;
    if (isOffering && step) {
      event.preventDefault();
      setActive((chosen + step + offers.length + (chosen < 0 && step < 0 ? 1 : 0)) % offers.length);
    } else if (isOffering && (event.key === "Tab" || (event.key === "Enter" && chosen >= 0))) {
      event.preventDefault();
      take(offers[Math.max(chosen, 0)]);
    } else if (isOffering && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    } else if (step && history.length && (text === "" || back !== null)) {
      event.preventDefault();
      recall(step);
    }
  };
  return (
    <form className="composer" autoComplete="off" onSubmit={send}>
      <p className="said" role="status">{said}</p>
      {isOffering && (
        <ul className="offers" role="listbox" id={`${id}-offers`} aria-label="Completions">
          {offers.map((offer, index) => (
            <li
              key={offer.text}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              ref={index === chosen ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
              onPointerDown={(event) => {
                event.preventDefault();
                take(offer);
              }}
            >
              <span className="offer-text">{offer.text}</span> <span className="offer-hint">{offer.hint}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="composer-box">
        {shortcuts && (
          <Menu
            label="Shortcuts"
            className="icon-button"
            sign={<Bolt />}
            items={shortcuts.map(({ callback_id, name, description }) => ({ id: callback_id, label: name, hint: description }))}
            choose={async (item) => tell(await useShortcut(item.id))}
          />
        )}
        <label className="unseen" htmlFor={fieldId ?? `${id}-text`}>{label}</label>
        <input
          ref={field}
          id={fieldId ?? `${id}-text`}
          className="composer-text"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={isOffering}
          aria-controls={isOffering ? `${id}-offers` : undefined}
          aria-activedescendant={chosen >= 0 && isOffering ? `${id}-${chosen}` : undefined}
          enterKeyHint="send"
          spellCheck={false}
          autoCapitalize="off"
          placeholder={placeholder}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={keys}
          onBlur={() => setOpen(false)}
        />
        <button className="send" aria-label="Send"><Send /></button>
      </div>
    </form>
  );
}
