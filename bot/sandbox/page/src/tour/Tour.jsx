// A guided tour of the sandbox in six steps, each ticked by what really happened.
import { useId, useState } from "react";
import { createPortal } from "react-dom";
import { Close } from "../shell/icons.jsx";
import { requestedSince } from "./evidence.js";
import { guide } from "./guide.js";
import { anew, countsFrom, keep, recall } from "./memory.js";
import { callOff, run, useRunning } from "./running.js";
import { End, Step, Welcome } from "./Step.jsx";
import { makeRoom, STEPS } from "./steps.js";
import { useFocusKept } from "./useFocusKept.js";
import { useProofs } from "./useProofs.js";
import "./tour.css";

const COUNT = STEPS.length;

/**
 * `state` is the whole of GET /state. The workspace's own means: `setMe(user)` acts as somebody,
 * `go(channel)` shows a channel, `type(text)` writes into its message box. `away` is the element
 * that holds the way back while the tour is put away.
 */
export function Tour({ state, setMe, go, type, away }) {
  const [memory, setMemory] = useState(() => recall(state.panel));
  const { busy, trouble } = useRunning({ state, setMe, go, type });
  const phones = state.channels.find((each) => each.name === "phones")?.id;
  const since = countsFrom(memory, STEPS);
  const proofs = useProofs(state, phones, since);
  const titleId = useId();
  useFocusKept();

  function change(next) {
    setMemory((before) => {
      const after = { ...before, ...next };
      keep(after);
      return after;
    });
  }
  const act = (work) => run((signal) => work(guide(phones, signal)));
  function move(to) {
    const left = STEPS[memory.at];
    callOff();
    change({ at: to });
    if (left?.leave && to !== memory.at) act((tour) => left.leave(tour));
  }
  async function start() {
    callOff();
    const counts = anew(state.panel.now);
    await act(makeRoom);
    change({ ...counts, isStarted: true, isUnfolded: true, at: 0 });
  }
  function again(step) {
    change({ again: { ...memory.again, [memory.at]: state.panel.now } });
    act((tour) => step.doIt(tour));
  }

  const done = proofs.filter(Boolean).length;
  if (memory.isClosed) {
    return away && createPortal(
      <button type="button" className="tour-open" onClick={() => change({ isClosed: false })}>
        <span>Guided tour</span> <span className="tour-count">{done} of {COUNT}</span>
      </button>,
      away,
    );
  }
  const { isStarted, isUnfolded, at } = memory;
  const step = STEPS[at];
  const title = !isStarted ? "Three minutes, six steps" : step ? step.title : "That was it";
  const isWaiting = () => requestedSince(state.panel, since[at], "sendblue").some((each) => each.status === "pending");
  return (
    <section className="tour" aria-labelledby={titleId} data-unfolded={isUnfolded} data-started={isStarted}>
      <header className="tour-head">
        <h2 id={titleId}>
          <span className="tour-place">{isStarted && step ? `Step ${at + 1} of ${COUNT}` : "Guided tour"}</span>{" "}
          <span className="tour-title">{title}</span>
        </h2>
        {isStarted && <Dots at={at} proofs={proofs} onMove={move} />}
      </header>
      <div className="tour-body">
        {!isStarted && <Welcome panel={state.panel} busy={busy} onStart={start} />}
        {isStarted && step && (
          <Step step={step} proof={proofs[at]} busy={busy} trouble={trouble}
            onDo={() => act((tour) => step.doIt(tour))}
            onAgain={() => again(step)}
            onSkipTime={step.skip && isWaiting() ? () => act((tour) => tour.skip(step.skip)) : undefined}
            onNext={() => move(at + 1)}
            onBack={at > 0 ? () => move(at - 1) : undefined} />
        )}
        {isStarted && !step && <End done={done} busy={busy} onAgain={start} onBack={() => move(COUNT - 1)} />}
      </div>
      <div className="tour-corner">
        {!isStarted && <button type="button" className="primary tour-start" disabled={busy} onClick={start}>Start the tour</button>}
        <button type="button" className="tour-fold" aria-expanded={isUnfolded} onClick={() => change({ isUnfolded: !isUnfolded })}>
          {isUnfolded ? "Less" : "More"}
        </button>
        {isStarted && step && at > 0 && <button type="button" className="plain" onClick={start}>Restart</button>}
        <button type="button" className="icon-button tour-close" aria-label="Close the tour" onClick={() => change({ isClosed: true })}>
          <Close />
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
