import { initialsOf } from "../people.jsx";
import { DialPad } from "./icons.jsx";

/** Somebody's picture: initials on a colour of their own, or Dialtone's dial pad. Says nothing. */
export function Avatar({ user }) {
  const isApp = user.name === "dialtone";
  const hue = [...user.id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 6, 7);
  return (
    <span className={isApp ? "avatar app" : `avatar hue${hue}`} aria-hidden="true">
      {isApp ? <DialPad /> : initialsOf(user.real_name)}
    </span>
  );
}
