// Where the director's panel stands: a column, or a sheet over the page where there is little room.
import { useEffect, useRef } from "react";
import { Close } from "./icons.jsx";

export function DirectorPane({ isSheet, close, children }) {
  const heading = useRef(null);
  useEffect(() => {
    if (!isSheet) return undefined;
    const before = document.activeElement;
    heading.current.focus();
    return () => before?.isConnected && before.focus({ preventScroll: true });
  }, [isSheet]);
  return (
    <aside
      className="director-pane"
      id="director"
      aria-label="Behind the scenes"
      onKeyDown={(event) => isSheet && event.key === "Escape" && close()}
    >
      <header className="pane-head">
        <h2 ref={heading} tabIndex={-1}>Behind the scenes</h2>
        <button type="button" className="icon-button" aria-label="Fold away" onClick={close}><Close /></button>
      </header>
      <div className="director-inside">{children}</div>
    </aside>
  );
}
