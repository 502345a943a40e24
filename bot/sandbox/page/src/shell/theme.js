// Light or dark: the system's choice until the person makes one, which is remembered.
import { useEffect, useState } from "react";

const KEY = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const stored = () => localStorage.getItem(KEY);
const current = () => stored() ?? (system.matches ? "dark" : "light");

export function applyTheme() {
  document.documentElement.dataset.theme = current();
}

/** ["light" | "dark", toggle] */
export function useTheme() {
  const [theme, setTheme] = useState(current);
  useEffect(() => {
    const follow = () => {
      applyTheme();
      setTheme(current());
    };
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, []);
  const toggle = () => {
    localStorage.setItem(KEY, theme === "dark" ? "light" : "dark");
    applyTheme();
    setTheme(current());
  };
  return [theme, toggle];
}
