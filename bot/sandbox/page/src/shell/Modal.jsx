// One of the user's open views. Views that lie under another keep what was typed into them.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Blocks } from "../blocks/Blocks.jsx";
import { InteractionProvider } from "../blocks/interaction.jsx";
import { post } from "../server.js";
import { useAct } from "./acting.jsx";
import { Avatar } from "./Avatar.jsx";
import { Back, Close } from "./icons.jsx";

const MISSING = "Please fill in this field.";

/** `isTop`: nothing lies over it. `isPushed`: another view lies under it. */
export function Modal({ view, app, isTop, isPushed }) {
  const { body } = view;
  const act = useAct();
  const dialog = useRef(null);
  const typed = useRef({});
  const [own, setOwn] = useState({}); // what the page itself finds wrong, by block
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const errors = useMemo(() => ({ ...view.errors, ...own }), [view.errors, own]);
  const title = `title-${view.id}`;

  useEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    shown.showModal();
    firstField(shown)?.focus();
    return () => before?.isConnected && before.focus({ preventScroll: true });
  }, []);
  useLayoutEffect(() => {
    if (Object.keys(errors).length) firstField(dialog.current.querySelector(".wrong"))?.focus();
  }, [errors]);

  const interaction = useMemo(() => ({
    state: view.state,
    errors,
    act: (element, block, value, began) => act(element, block, value, view, began),
    fill: (block, value) => {
      typed.current[block.block_id] = value;
      setOwn(({ [block.block_id]: _solved, ...rest }) => rest);
    },
  }), [act, errors, view]);

  const leave = () => post("/act/close_view", { view_id: view.id });
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy || !body.submit) return;
    const wrong = wrongFields(view, typed.current);
    setOwn(wrong);
    if (Object.keys(wrong).length) return;
    setBusy(true);
    const answer = await post("/act/submit", { view_id: view.id, values: typed.current });
    setRefusal(answer.error ?? "");
    setBusy(false);
  };
  return (
    <dialog
      ref={dialog}
      className={isTop ? "dialog modal" : "dialog modal below"}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
    >
      <form noValidate onSubmit={submit}>
        <header>
          {isPushed ? (
            <button type="button" className="icon-button" aria-label="Back" onClick={leave}><Back /></button>
          ) : <Avatar user={app} />}
          <h2 id={title}>{body.title.text}</h2>
          <button type="button" className="icon-button" aria-label="Close this window" onClick={leave}><Close /></button>
        </header>
        <div className="modal-body">
          {(refusal || view.trouble) && <p className="trouble" role="alert">{refusal || view.trouble}</p>}
          <InteractionProvider value={interaction}>
            <Blocks blocks={body.blocks} />
          </InteractionProvider>
        </div>
        <footer className="dialog-buttons">
          <button type="button" className="button" onClick={leave}>{body.close?.text ?? "Close"}</button>
          {body.submit && <button className="button primary" aria-busy={isBusy || undefined}>{body.submit.text}</button>}
        </footer>
      </form>
    </dialog>
  );
}

const firstField = (within) => within?.querySelector("input:not([type=hidden]), select, textarea");

/** Sentences by block, for required fields left empty and text that is too short. */
function wrongFields(view, typed) {
  const found = {};
  for (const block of view.body.blocks) {
    if (block.type !== "input") continue;
    const value = block.block_id in typed ? typed[block.block_id] : kept(view, block);
    const isEmpty = !value || value.length === 0;
    const least = block.element.min_length;
    if (isEmpty && !block.optional) found[block.block_id] = MISSING;
    else if (!isEmpty && least && value.length < least) found[block.block_id] = `Please use at least ${least} characters.`;
  }
  return found;
}

/** What the server knows the field holds. */
function kept(view, block) {
  const state = view.state[block.block_id]?.[block.element.action_id] ?? {};
  return Object.entries(state).find(([name, value]) => name !== "type" && value)?.[1];
}
