// Slack's confirm dialog: https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
import { useEffect, useRef } from "react";
import { Text } from "../blocks/Drawn.jsx";

/** `answer(isYes)` is called once. */
export function Confirm({ question, answer }) {
  const dialog = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.isConnected && before.focus({ preventScroll: true });
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog confirm"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={(event) => {
        event.preventDefault();
        answer(false);
      }}
    >
      <h2 id="confirm-title">{question.title.text}</h2>
      <div id="confirm-text"><Text text={question.text} /></div>
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={() => answer(false)}>{question.deny.text}</button>
        <button type="button" className={`button ${question.style ?? "primary"}`} onClick={() => answer(true)}>{question.confirm.text}</button>
      </div>
    </dialog>
  );
}
