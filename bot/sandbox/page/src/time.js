// The page's clock is the sandbox's: its time can be skipped, and this machine's plays no part.
import { useEffect, useState } from "react";

let ahead = 0; // milliseconds that the sandbox is ahead of this browser

export function setServerNow(iso) {
  const at = Date.parse(iso);
  if (!Number.isNaN(at)) ahead = at - Date.now();
}

/** The sandbox's instant, as a Date. */
export const now = () => new Date(Date.now() + ahead);

/** Draws again every second; returns the sandbox's instant. */
export function useNow() {
  const [at, setAt] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return at;
}
