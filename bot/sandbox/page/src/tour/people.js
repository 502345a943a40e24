// Whom the tour speaks of; who they are: bot/sandbox/slack/people.py.
export const RILEY = "U0RILEY001";
export const MORGAN = "U0MORGAN01";
export const MAX = "U0MAX00001";

const NAMES = { [RILEY]: "Riley", [MORGAN]: "Morgan", [MAX]: "Max" };

export const nameOf = (id) => NAMES[id] ?? "Somebody";
