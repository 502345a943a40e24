// The tokens of <!date^…>: https://docs.slack.dev/messaging/formatting-message-text#date-formatting
import { inZone, nearDay, now } from "../time.js";

const TOKENS = {
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
  date: { month: "long", day: "numeric", year: "numeric" },
  date_short: { month: "short", day: "numeric", year: "numeric" },
  date_long: { weekday: "long", month: "long", day: "numeric", year: "numeric" },
};

/** The format with its tokens filled in, for a reader in this time zone, as of now. */
export function written(format, at, zone) {
  return format.replace(/\{(\w+)\}/g, (token, name) => {
    if (name === "ago") return ago(at);
    if (name === "date_num") return isoDay(at, zone);
    const options = TOKENS[name.replace(/_pretty$/, "")];
    if (!options) return token;
    return (name.endsWith("_pretty") && nearDay(at, zone)) || inZone(at, zone, options);
  });
}

function isoDay(at, zone) {
  const [month, day, year] = inZone(at, zone, { year: "numeric", month: "2-digit", day: "2-digit" }).split("/");
  return `${year}-${month}-${day}`;
}

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "always" });

function ago(at) {
  const seconds = (at - now()) / 1000;
  for (const [unit, size] of [["day", 86_400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.round(seconds / size), unit);
  }
  return RELATIVE.format(Math.round(seconds), "second");
}
