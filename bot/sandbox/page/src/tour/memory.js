// What the browser keeps of the tour: whether it was put away, and since when things count.
const KEY = "dialtone-tour";
const AFRESH = { isClosed: false, isUnfolded: false, isStarted: false, since: "", at: 0 };

export function recall(now) {
  try {
    const kept = { ...AFRESH, ...JSON.parse(localStorage.getItem(KEY)) };
    // A sandbox that was started anew does not know of that moment.
    return kept.since && new Date(kept.since) > new Date(now) ? AFRESH : kept;
  } catch {
    return AFRESH;
  }
}

export const keep = (memory) => localStorage.setItem(KEY, JSON.stringify(memory));

/** From here on, what was done before does not count. */
export const anew = (now) => ({ since: now });
