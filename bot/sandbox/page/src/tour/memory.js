// What the browser keeps of the tour: whether it was put away, where it is, since when things count.
const KEY = "dialtone-tour";
const AFRESH = { isClosed: false, isUnfolded: false, isStarted: false, since: "", again: {}, at: 0 };
let memory; // read once: the tour is drawn from scratch for every person that is acted as

/** As it was left; for a sandbox in which nothing has happened yet, only whether it was put away. */
export function recall(panel) {
  memory ??= read(panel);
  return memory;
}

function read(panel) {
  try {
    const kept = { ...AFRESH, ...JSON.parse(localStorage.getItem(KEY)) };
    const isAnothers = panel.purchases.length === 0 || new Date(kept.since || 0) > new Date(panel.now);
    return isAnothers ? { ...AFRESH, isClosed: kept.isClosed } : kept;
  } catch {
    return AFRESH;
  }
}

export function keep(next) {
  memory = next;
  localStorage.setItem(KEY, JSON.stringify(next));
}

/** From here on, what was done before does not count. */
export const anew = (now) => ({ since: now, again: {} });

/** Of each step: since when what happened counts, null before the tour was started in this browser. */
export const countsFrom = ({ isStarted, since, again }, steps) =>
  steps.map((_, index) => (isStarted ? again[index] ?? since : null));
