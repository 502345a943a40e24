// What a step that is being done needs for as long as it takes, whatever the page draws meanwhile:
// it switches between people, and the page may then be drawn from scratch.
import { useEffect, useSyncExternalStore } from "react";

/** The step cannot go on; the message is for the person at the page. */
export class Stuck extends Error {}

/** The person has gone on to something else meanwhile. */
class CalledOff extends Error {}

const page = { hands: null, waiting: new Set() };
let current = new AbortController();
let shown = { busy: 0, trouble: "" };
const watchers = new Set();

function show(more) {
  shown = { ...shown, ...more };
  for (const watcher of watchers) watcher();
}

function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Keeps what the page gives to the tour at hand; {busy, trouble} of what is being done. */
export function useRunning(hands) {
  page.hands = hands;
  useEffect(() => {
    for (const look of page.waiting) look();
  }, [hands.state]);
  const { busy, trouble } = useSyncExternalStore(watch, () => shown);
  return { busy: busy > 0, trouble };
}

/** The newest GET /state. */
export const seen = () => page.hands.state;

/** What the page can do: setMe(user), go(channel), type(text). */
export const hands = () => page.hands;

/** Resolves to what `fits(state)` found, or to undefined after so many seconds. */
export function until(fits, seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(undefined), seconds * 1000);
    function look() {
      const found = fits(seen());
      if (found) end(found);
    }
    function end(found) {
      clearTimeout(timer);
      page.waiting.delete(look);
      signal.removeEventListener("abort", stop);
      resolve(found);
    }
    function stop() {
      reject(new CalledOff());
      end(undefined);
    }
    page.waiting.add(look);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    else look();
  });
}

/** Does some work for somebody, and says what stopped it. `work(signal)` ends early when the signal says so. */
export async function run(work) {
  const { signal } = current;
  show({ busy: shown.busy + 1, trouble: "" });
  try {
    await work(signal);
  } catch (error) {
    if (error instanceof Stuck) {
      if (!signal.aborted) show({ trouble: error.message });
    } else if (!(error instanceof CalledOff)) throw error;
  } finally {
    show({ busy: shown.busy - 1 });
  }
}

/** Whatever is being done is left as it is. */
export function callOff() {
  current.abort();
  current = new AbortController();
  show({ trouble: "" });
}

/** So many milliseconds later, unless it was called off. */
export const pause = (milliseconds, signal) => until(() => false, milliseconds / 1000, signal);
