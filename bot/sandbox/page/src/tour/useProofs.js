// Which steps are proven by now. Asked anew whenever the state is new; what was proven stays so.
import { useEffect, useState } from "react";
import { fetchState } from "../server.js";
import { STEPS } from "./steps.js";

const NONE = STEPS.map(() => "");
let known = { since: undefined, sentences: NONE };

/** An array with each step's sentence, "" where it is not proven. */
export function useProofs(state, phones, since) {
  const [, redraw] = useState(0);
  const isEmpty = state.panel.purchases.length === 0; // a sandbox in which nothing has happened
  if (known.since !== since || isEmpty) known = { since, sentences: NONE };

  useEffect(() => {
    let isCurrent = true;
    const messages = state.messages[phones] ?? [];
    const evidence = { panel: state.panel, messages, phones, since, stateAs: fetchState };
    async function look() {
      const before = known.sentences;
      const found = await Promise.all(
        STEPS.map((step, index) => before[index] || step.prove(evidence).catch(() => "")),
      );
      if (!isCurrent || found.every((each, index) => each === before[index])) return;
      known = { since, sentences: found };
      redraw((count) => count + 1);
    }
    look();
    return () => {
      isCurrent = false; // there is newer evidence
    };
  }, [state, phones, since]);
  return known.sentences;
}
