// State that outlives the panel: it is drawn anew whenever the page becomes somebody else's.
import { useState } from "react";

const kept = new Map();

/** As useState; `name` is unique in the panel. */
export function useKept(name, first) {
  const [value, setValue] = useState(() => kept.get(name) ?? first);
  function set(next) {
    kept.set(name, next);
    setValue(next);
  }
  return [value, set];
}
