// Which steps are proven by now. Asked anew whenever the state is new; what was proven stays so.
import { useEffect, useState } from "react";
import { fetchState } from "../server.js";
import { STEPS } from "./steps.js";

let known = []; // of each step {since, sentence}

/** An array with each step's sentence, "" where it is not proven; `since` says of each what counts, null: nothing. */
export function useProofs(state, phones, since) {
  const [, redraw] = useState(0);
  const isEmpty = state.panel.purchases.length === 0; // a sandbox in which nothing has happened
  known = since.map((at, index) => (known[index]?.since === at && !isEmpty ? known[index] : { since: at, sentence: "" }));
  const counts = since.join();

  useEffect(() => {
    let isCurrent = true;
    const messages = state.messages[phones] ?? [];
    async function look() {
      const found = await Promise.all(
        STEPS.map((step, index) => {
          const { since: from, sentence } = known[index];
          if (from === null || sentence) return sentence;
          return step.prove({ panel: state.panel, messages, phones, since: from, stateAs: fetchState }).catch(() => "");
        }),
      );
      if (!isCurrent || found.every((each, index) => each === known[index].sentence)) return;
      known = known.map((each, index) => ({ ...each, sentence: found[index] }));
      redraw((count) => count + 1);
    }
    look();
    return () => {
      isCurrent = false; // there is newer evidence
    };
  }, [state, phones, counts]);
  return known.map((each) => each.sentence);
}
