// Which steps are proven by now. Asked anew whenever the state is new; what was proven stays so.
import { useEffect, useRef, useState } from "react";
import { fetchState } from "../server.js";
import { STEPS } from "./steps.js";

/** An array with each step's sentence, "" where it is not proven. */
export function useProofs(state, phones, since) {
  const [proofs, setProofs] = useState({ since, sentences: STEPS.map(() => "") });
  const current = useRef(0);
  const sentences = proofs.since === since && state.panel.purchases.length ? proofs.sentences : STEPS.map(() => "");

  useEffect(() => {
    const run = ++current.current;
    const evidence = {
      panel: state.panel,
      messages: state.messages[phones] ?? [],
      phones,
      since,
      stateAs: fetchState,
    };
    Promise.all(STEPS.map((step, index) => sentences[index] || step.prove(evidence).catch(() => "")))
      .then((found) => {
        if (run !== current.current) return; // there is newer evidence
        if (found.some((each, index) => each !== sentences[index])) setProofs({ since, sentences: found });
      });
    // `sentences` is what the last run found; a new one of them needs no run of its own.
  }, [state, phones, since]);
  return sentences;
}
