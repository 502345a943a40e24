// The page's clock is the sandbox's: its time can be skipped, and this machine's plays no part.
import { useSyncExternalStore } from "react";

let ahead = 0; // milliseconds that the sandbox is ahead of this browser
const listeners = new Set();
let timer = null;

const tick = () => listeners.forEach((listener) => listener());

export function setServerNow(iso) {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return;
  // What the answer's way took is no skip.
  if (Math.abs(at - Date.now() - ahead) < 1000) return;
  ahead = at - Date.now();
  tick();
}

/** The sandbox's instant, as a Date. */
export const now = () => new Date(Date.now() + ahead);

/** For useSyncExternalStore: calls back every second, and when time was skipped. */
export function everySecond(listener) {
  listeners.add(listener);
  timer ??= setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The sandbox's instant, drawn again every second. */
export function useNow() {
  return new Date(useSyncExternalStore(everySecond, () => Math.floor(now().getTime() / 1000)) * 1000);
}

const formats = new Map();

/** An instant in somebody's time zone; `options` are Intl.DateTimeFormat's. */
export function inZone(at, zone, options) {
  const key = `${zone} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }));
  return formats.get(key).format(at);
}

/** Days since 1970 of the calendar day an instant has in a time zone. */
export function dayNumber(at, zone) {
  const [month, day, year] = inZone(at, zone, { year: "numeric", month: "numeric", day: "numeric" }).split("/");
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / 86_400_000;
}

/** "yesterday", "today", "tomorrow", or null. */
export function nearDay(at, zone) {
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[dayNumber(at, zone) - dayNumber(now(), zone)] ?? null;
}

export const clockTime = (at, zone) => inZone(at, zone, { hour: "numeric", minute: "2-digit" });

/** A message's `ts` as a Date. */
export const instantOf = (ts) => new Date(Number(ts) * 1000);
