// What the sandbox says there is, for whoever is acted as.
import { useCallback, useEffect, useRef, useState } from "react";
import { fetchState, listen } from "./server.js";
import { shared } from "./sharing.js";
import { setServerNow } from "./time.js";

/**
 * { world, isLost }: `world` is GET /state, null until it came; fetched anew at every change. Right
 * after a change of person it is for a moment still the former one's: `world.me` says whose it is.
 * `unknown()` is called when nobody of that id works there.
 */
export function useWorld(me, unknown) {
  const [world, setWorld] = useState(null);
  const [isLost, setLost] = useState(false);
  const wanted = useRef(me);
  const isBusy = useRef(false);
  const again = useRef(false);
  wanted.current = me;

  const refresh = useCallback(async () => {
    again.current = true;
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      while (again.current) {
        again.current = false;
        const user = wanted.current;
        try {
          const fetched = await fetchState(user);
          if (user !== wanted.current) continue;
          if (!fetched) {
            unknown();
            continue;
          }
          setServerNow(fetched.now);
          setWorld((before) => shared(before, fetched));
        } catch {
          setLost(true); // until the stream of events is back
        }
      }
    } finally {
      isBusy.current = false;
    }
  }, [unknown]);

  useEffect(() => listen(refresh, setLost), [refresh]);
  useEffect(() => { refresh(); }, [me, refresh]);
  return { world, isLost };
}
