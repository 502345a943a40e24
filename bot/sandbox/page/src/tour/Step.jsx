// What the tour says, and its buttons: before it starts, at a step, at its end.
import { roomIn, STEPS } from "./steps.js";

export function Welcome({ panel, busy, onStart }) {
  const [limit, wanted] = roomIn(panel);
  return (
    <>
      <div className="tour-words">
        <p>
          Dialtone buys phone lines from Slack once a manager has said yes. Each purchase charges a card and cannot be
          taken back, so it must happen once, even when everything goes wrong. See whether it does.
        </p>
        <p className="tour-small">
          Nothing here is real.
          {wanted > limit && ` The tour starts by setting Sendblue’s limit to ${wanted} lines per day: its ${limit} would end it too soon.`}
        </p>
      </div>
      <div className="tour-buttons">
        <button type="button" className="primary" disabled={busy} onClick={onStart}>Start the tour</button>
      </div>
    </>
  );
}

/** `onSkipTime`, while something waits for time to pass. The first button stays the same one, so that it keeps the focus. */
export function Step({ step, proof, busy, trouble, onDo, onAgain, onSkipTime, onNext, onBack }) {
  return (
    <>
      <div className="tour-words">
        <p>
          {step.todo} {step.example && <code className="tour-example">{step.example}</code>}
        </p>
        {!proof && <p className="tour-watch"><b>Watch:</b> {step.watch}</p>}
        <p className="tour-proof" role="status" data-proven={Boolean(proof)}>
          {proof && <><span className="tour-tick" aria-hidden="true">✓</span> {proof}</>}
        </p>
        <p className="tour-trouble" role="alert">{!proof && trouble}</p>
      </div>
      <div className="tour-buttons">
        <button type="button" className="primary" aria-disabled={busy && !proof} onClick={proof ? onNext : busy ? undefined : onDo}>
          {proof ? "Next" : busy ? "Under way…" : "Do it for me"}
        </button>
        {!proof && onSkipTime && <button type="button" onClick={onSkipTime}>Let {step.skip} seconds pass</button>}
        {onBack && <button type="button" className="plain" onClick={onBack}>Back</button>}
        {proof
          ? <button type="button" className="plain" disabled={busy} onClick={onAgain}>Do it again</button>
          : <button type="button" className="plain" onClick={onNext}>Skip this step</button>}
      </div>
    </>
  );
}

export function End({ done, busy, onAgain, onBack }) {
  const isAll = done === STEPS.length;
  return (
    <>
      <div className="tour-words">
        <p>
          {isAll
            ? "All six happened, and no card was charged twice."
            : `${done} of six have happened. Press the number of another one to see it, too.`}
        </p>
        <p>
          On from here: kill the bot while it buys, type <code>/number search 604</code>, or act as Nora, who may not
          decide. Sendblue’s limit stays as it is now; “The world” changes it.
        </p>
      </div>
      <div className="tour-buttons">
        <button type="button" disabled={busy} onClick={onAgain}>Start again</button>
        <button type="button" className="plain" disabled={busy} onClick={onBack}>Back</button>
      </div>
    </>
  );
}
