import { useSyncExternalStore } from "react";

const NARROW = matchMedia("(max-width: 68rem)"); // as in narrow.css

function watch(changed) {
  NARROW.addEventListener("change", changed);
  return () => NARROW.removeEventListener("change", changed);
}

/** Whether the director's panel has no column of its own. */
export const useNarrow = () => useSyncExternalStore(watch, () => NARROW.matches);
