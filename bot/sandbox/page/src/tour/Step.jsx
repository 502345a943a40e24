// What the tour says, and its buttons: before it starts, at a step, at its end.
import { STEPS } from "./steps.js";

export function Welcome({ busy, onStart }) {
  return (
    <>
      <div className="tour-words">
        <p>
          Dialtone buys phone lines from Slack once a manager has said yes. Each purchase charges a card and cannot be
          taken back, so it must happen once, even when everything goes wrong. See whether it does.
        </p>
        <p className="tour-small">
          Nothing here is real. The tour starts by setting Sendblue’s limit to 10 lines per day: its usual 3 would end
          it at step four.
        </p>
      </div>
      <div className="tour-buttons">
        <button type="button" className="primary" disabled={busy} onClick={onStart}>Start the tour</button>
      </div>
    </>
  );
}

export function Step({ step, proof, busy, trouble, onDo, onSkipTime, onNext, onBack }) {
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
        <p className="tour-trouble" role="alert">{trouble}</p>
      </div>
      <div className="tour-buttons">
        {proof
          ? <button type="button" className="primary" disabled={busy} onClick={onNext}>Next</button>
          : <button type="button" className="primary" disabled={busy} onClick={onDo}>{busy ? "Under way…" : "Do it for me"}</button>}
        {!proof && step.skip && <button type="button" onClick={onSkipTime}>Skip {step.skip} seconds</button>}
        {onBack && <button type="button" className="plain" disabled={busy} onClick={onBack}>Back</button>}
        {proof
          ? <button type="button" className="plain" disabled={busy} onClick={onDo}>Do it again</button>
          : <button type="button" className="plain" disabled={busy} onClick={onNext}>Skip</button>}
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
