// A guided tour of the sandbox in six steps, each ticked by what really happened.
import { useEffect, useId, useRef, useState } from "react";
import { post } from "../server.js";
import { guide, Stuck } from "./guide.js";
import { anew, keep, recall } from "./memory.js";
import { makeRoom, STEPS } from "./steps.js";
import { useProofs } from "./useProofs.js";
import "./tour.css";

const COUNT = STEPS.length;

/**
 * `state` is the whole of GET /state. The workspace's own means: `setMe(user)` acts as somebody,
 * `go(channel)` shows a channel, `type(text)` writes into its message box.
 */
export function Tour({ state, setMe, go, type }) {
  const [memory, setMemory] = useState(() => recall(state.panel.now));
  const [isUnfolded, setUnfolded] = useState(false); // on a phone only
  const phones = state.channels.find((each) => each.name === "phones")?.id;
  const proofs = useProofs(state, phones, memory.since);
  const seen = useSeen(state);
  const [run, { busy, trouble, clear }] = useRun();
  const tour = guide({ ...seen, page: { setMe, go, type }, post, phones });
  const titleId = useId();

  function change(more) {
    const next = { ...memory, ...more };
    keep(next);
    setMemory(next);
    clear();
  }
  function move(to) {
    const left = STEPS[memory.at];
    if (left?.leave && to !== memory.at) run(() => left.leave(tour));
    change({ at: to });
  }
  async function start(kept) {
    await run(() => makeRoom(tour));
    change({ ...kept, isStarted: true, at: 0 });
  }

  const done = proofs.filter(Boolean).length;
  if (memory.isClosed) {
    return (
      <button type="button" className="tour-open" onClick={() => change({ isClosed: false })}>
        Guided tour <span className="tour-count">{done} of {COUNT}</span>
      </button>
    );
  }
  const step = STEPS[memory.at];
  const head = !memory.isStarted ? "Guided tour" : step ? `${memory.at + 1} of ${COUNT}: ${step.title}` : "That was it";
  return (
    <section className="tour" aria-labelledby={titleId} data-unfolded={isUnfolded} data-step={memory.isStarted ? memory.at + 1 : 0}>
      <header className="tour-head">
        <h2 id={titleId}>{head}</h2>
        <button type="button" className="tour-fold" aria-expanded={isUnfolded} onClick={() => setUnfolded(!isUnfolded)}>
          {isUnfolded ? "Less" : "More"}
        </button>
        <button type="button" className="tour-close" aria-label="Close the tour" onClick={() => change({ isClosed: true })}>
          <span aria-hidden="true">×</span>
        </button>
      </header>
      {memory.isStarted && <Dots at={memory.at} proofs={proofs} onMove={move} />}
      <div className="tour-body">
        {!memory.isStarted && <Welcome busy={busy} onStart={() => start(memory)} />}
        {memory.isStarted && step && (
          <Step key={memory.at} step={step} proof={proofs[memory.at]} busy={busy}
            onDo={() => run(() => step.doIt(tour))}
            onSkipTime={() => run(() => tour.skip(step.skip))}
            onNext={() => move(memory.at + 1)}
            onBack={memory.at > 0 ? () => move(memory.at - 1) : undefined} />
        )}
        {memory.isStarted && !step && <End done={done} onAgain={() => start(anew(state.panel.now))} onBack={() => move(COUNT - 1)} />}
        <p className="tour-trouble" role="alert">{trouble}</p>
      </div>
    </section>
  );
}

function Welcome({ busy, onStart }) {
  return (
    <>
      <p>
        Dialtone buys phone lines from Slack once a manager has said yes. A purchase charges a card and cannot be taken
        back, so each must happen once, even when everything goes wrong. See it in six steps and three minutes.
      </p>
      <p className="tour-small">
        Nothing here is real. Starting sets Sendblue’s limit to 10 lines per day; its usual 3 would end the tour at step four.
      </p>
      <div className="tour-buttons">
        <button type="button" className="primary" disabled={busy} onClick={onStart}>Start the tour</button>
      </div>
    </>
  );
}

function Step({ step, proof, busy, onDo, onSkipTime, onNext, onBack }) {
  return (
    <>
      <p>
        {step.todo} {step.example && <code className="tour-example">{step.example}</code>}
      </p>
      <p className="tour-watch"><b>Watch:</b> {step.watch}</p>
      <p className="tour-proof" role="status" data-proven={Boolean(proof)}>
        {proof ? <><span className="tour-tick" aria-hidden="true">✓</span> <span className="tour-said">{proof}</span></> : busy ? "Under way…" : ""}
      </p>
      <div className="tour-buttons">
        {proof
          ? <button type="button" className="primary" disabled={busy} onClick={onNext}>Next</button>
          : <button type="button" className="primary" disabled={busy} onClick={onDo}>Do it for me</button>}
        {!proof && step.skip && <button type="button" onClick={onSkipTime}>Skip {step.skip} seconds</button>}
        {onBack && <button type="button" className="plain" disabled={busy} onClick={onBack}>Back</button>}
        {proof
          ? <button type="button" className="plain" disabled={busy} onClick={onDo}>Do it again</button>
          : <button type="button" className="plain" disabled={busy} onClick={onNext}>Skip</button>}
      </div>
    </>
  );
}

function End({ done, onAgain, onBack }) {
  return (
    <>
      <p>
        {done === COUNT ? "All six happened, and no card was charged twice." : `${done} of six have happened; the others can still be done.`}{" "}
        On from here: kill the bot while it buys, type <code>/number search 604</code>, or act as Nora, who may not decide.
      </p>
      <div className="tour-buttons">
        <button type="button" onClick={onAgain}>Start again</button>
        <button type="button" className="plain" onClick={onBack}>Back</button>
      </div>
    </>
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

/** One thing done for somebody at a time, and what stopped it. */
function useRun() {
  const [running, setRunning] = useState(0);
  const [trouble, setTrouble] = useState("");
  async function run(work) {
    setRunning((count) => count + 1);
    setTrouble("");
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Stuck)) throw error;
      setTrouble(error.message);
    } finally {
      setRunning((count) => count - 1);
    }
  }
  return [run, { busy: running > 0, trouble, clear: () => setTrouble("") }];
}

/** The newest state for work that takes longer than one drawing, and a way to wait for one that fits. */
function useSeen(state) {
  const newest = useRef(state);
  const waiting = useRef(new Set());
  newest.current = state;
  useEffect(() => {
    for (const look of waiting.current) look();
  }, [state]);

  function until(fits, seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(undefined), seconds * 1000);
      const look = () => {
        const found = fits(newest.current);
        if (found) end(found);
      };
      function end(found) {
        clearTimeout(timer);
        waiting.current.delete(look);
        resolve(found);
      }
      waiting.current.add(look);
      look();
    });
  }
  return { seen: () => newest.current, until };
}
