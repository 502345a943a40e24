// A guided tour of the sandbox in six steps, each ticked by what really happened.
import { useId, useState } from "react";
import { guide } from "./guide.js";
import { anew, keep, recall } from "./memory.js";
import { forget, run, useRunning } from "./running.js";
import { End, Step, Welcome } from "./Step.jsx";
import { makeRoom, STEPS } from "./steps.js";
import { useProofs } from "./useProofs.js";
import "./tour.css";

const COUNT = STEPS.length;

/**
 * `state` is the whole of GET /state. The workspace's own means: `setMe(user)` acts as somebody,
 * `go(channel)` shows a channel, `type(text)` writes into its message box.
 */
export function Tour({ state, setMe, go, type }) {
  const [memory, setMemory] = useState(() => recall(state.panel));
  const { busy, trouble } = useRunning({ state, setMe, go, type });
  const phones = state.channels.find((each) => each.name === "phones")?.id;
  const proofs = useProofs(state, phones, memory.since);
  const tour = guide(phones);
  const titleId = useId();

  function change(more) {
    const next = { ...memory, ...more };
    keep(next);
    setMemory(next);
    forget();
  }
  function move(to) {
    const left = STEPS[memory.at];
    change({ at: to });
    if (left?.leave && to !== memory.at) run(() => left.leave(tour));
  }
  async function start(kept) {
    await run(() => makeRoom(tour));
    change({ ...kept, isStarted: true, at: 0 });
  }

  const done = proofs.filter(Boolean).length;
  if (memory.isClosed) {
    return (
      <div className="tour-away">
        <button type="button" className="tour-open" onClick={() => change({ isClosed: false })}>
          Guided tour <span className="tour-count">{done} of {COUNT}</span>
        </button>
      </div>
    );
  }
  const { isStarted, isUnfolded, at } = memory;
  const step = STEPS[at];
  const title = !isStarted ? "Three minutes, six steps" : step ? step.title : "That was it";
  return (
    <section className="tour" aria-labelledby={titleId} data-unfolded={isUnfolded}>
      <header className="tour-head">
        <h2 id={titleId}>
          <span className="tour-place">{isStarted && step ? `Step ${at + 1} of ${COUNT}` : "Guided tour"}</span> {title}
        </h2>
        {isStarted && <Dots at={at} proofs={proofs} onMove={move} />}
      </header>
      <div className="tour-body">
        {!isStarted && <Welcome busy={busy} onStart={() => start(memory)} />}
        {isStarted && step && (
          <Step step={step} proof={proofs[at]} busy={busy} trouble={trouble}
            onDo={() => run(() => step.doIt(tour))}
            onSkipTime={() => run(() => tour.skip(step.skip))}
            onNext={() => move(at + 1)}
            onBack={at > 0 ? () => move(at - 1) : undefined} />
        )}
        {isStarted && !step && (
          <End done={done} busy={busy} onAgain={() => start(anew(state.panel.now))} onBack={() => move(COUNT - 1)} />
        )}
      </div>
      <div className="tour-corner">
        <button type="button" className="tour-fold" aria-expanded={isUnfolded} onClick={() => change({ isUnfolded: !isUnfolded })}>
          {isUnfolded ? "Less" : "More"}
        </button>
        {isStarted && step && at > 0 && (
          <button type="button" className="plain" disabled={busy} onClick={() => start(anew(state.panel.now))}>Restart</button>
        )}
        <button type="button" className="tour-close" aria-label="Close the tour" onClick={() => change({ isClosed: true })}>
          <span aria-hidden="true">×</span>
        </button>
      </div>
    </section>
  );
}

function Dots({ at, proofs, onMove }) {
  return (
    <ol className="tour-dots" aria-label="Steps">
      {STEPS.map((step, index) => (
        <li key={step.title}>
          <button type="button" aria-current={index === at ? "step" : undefined} data-proven={Boolean(proofs[index])}
            aria-label={`Step ${index + 1}, ${step.title}${proofs[index] ? ", done" : ""}`} onClick={() => onMove(index)}>
            <span aria-hidden="true">{proofs[index] ? "✓" : index + 1}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
