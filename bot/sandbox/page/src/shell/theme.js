// Light or dark: the system's choice until the person makes one, which is remembered.
import { useSyncExternalStore } from "react";

const KEY = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();
const current = () => localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light");

function apply() {
  document.documentElement.dataset.theme = current();
  listeners.forEach((listener) => listener());
}

/** From now on the page has the wanted colours. */
export function followTheme() {
  system.addEventListener("change", apply);
  // The event comes with the next frame, and a page that draws nothing may have none for long.
  setInterval(() => { if (document.documentElement.dataset.theme !== current()) apply(); }, 1000);
  apply();
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function toggle() {
  localStorage.setItem(KEY, current() === "dark" ? "light" : "dark");
  apply();
}

/** ["light" | "dark", toggle] */
export const useTheme = () => [useSyncExternalStore(subscribe, current), toggle];
