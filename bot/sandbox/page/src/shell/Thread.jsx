// A thread, beside its channel.
import { useEffect, useMemo, useRef } from "react";
import { Composer } from "./Composer.jsx";
import { Close } from "./icons.jsx";
import { Messages } from "./Messages.jsx";

export function Thread({ world, place, parent, replies, say, close }) {
  const pane = useRef(null);
  // Slack takes no slash commands in threads.
  const withoutCommands = useMemo(() => ({ ...world, commands: [] }), [world]);
  useEffect(() => {
    const before = document.activeElement;
    pane.current.querySelector(".composer-text").focus({ preventScroll: true });
    return () => before?.isConnected && before.focus({ preventScroll: true });
  }, [parent.ts]);
  return (
    <section
      ref={pane}
      className="thread"
      aria-labelledby="thread-title"
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <header className="pane-head">
        <h2 id="thread-title">Thread <span>{place.is_im ? "Dialtone" : `#${place.name}`}</span></h2>
        <button type="button" className="icon-button" aria-label="Close the thread" onClick={close}><Close /></button>
      </header>
      <Messages label="Thread" messages={[parent, ...replies]} />
      <Composer label="Reply" placeholder="Reply…" world={withoutCommands} say={say} />
    </section>
  );
}
