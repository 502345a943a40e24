// Where the focus goes when the button that had it is gone: to what comes next in the tour.
import { useEffect, useLayoutEffect, useRef } from "react";

export function useFocusKept() {
  const last = useRef(null); // what had the focus last, if that was of the tour
  useEffect(() => {
    const here = ({ target }) => { last.current = target.closest(".tour, .tour-open") && target; };
    document.addEventListener("focusin", here);
    return () => document.removeEventListener("focusin", here);
  }, []);
  useLayoutEffect(() => {
    const isLost = last.current && !last.current.isConnected && document.activeElement === document.body;
    if (!isLost) return;
    const next = [...document.querySelectorAll(".tour-buttons button, .tour-open, .tour-close")];
    next.find((each) => each.offsetParent)?.focus({ preventScroll: true });
  });
}
