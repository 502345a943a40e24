// The audit in plain words. The bot has its own for Slack (`/line show`); these stand in a narrow
// column, where who did it is written before them and the status after them.

export const STATUSES = {
  requested: ["asked", "quiet"],
  pending: ["waiting", "open"],
  approved: ["approved", "open"],
  confirming: ["being bought", "moving"],
  unknown: ["not known", "doubt"],
  provisioned: ["bought", "good"],
  refused: ["refused", "ended"],
  failed: ["not bought", "ended"],
  charged: ["charged, no number", "bad"],
  cancelled: ["cancelled", "ended"],
  expired: ["expired", "ended"],
};

export const SELLERS = { sendblue: "Sendblue", magpipe: "Magpipe", slack: "Slack" };

/** A fact's name as words: "DailyLimitReached" → "daily limit reached". */
const spoken = (name) => name.replace(/(?<=.)([A-Z])/g, " $1").toLowerCase();

const REASONS = {
  AlreadyApproved: (fields, who) => `${who(fields.approver)} had approved it already`,
  ConfirmUnderWay: () => "it was being bought already",
  OutcomeNotKnown: () => "its answer is lost, so only its card settles it",
  AlreadyEnded: (fields) => `it was over already (${statusWord(fields.status)})`,
  CameTooLate: () => "the price had run out",
  OwnPurchase: () => "nobody approves what they asked for themselves",
  NotAnApprover: () => "only the managers may",
  NotAnApproverAnyMore: () => "may not approve",
  StaleRevision: () => "that was an older card",
  AnswerLost: () => "the answer was lost on the way; the card may have been charged",
  FoundOnAccount: () => "found on the account",
  ChargedWithoutNumber: () => "the card was charged and no number came",
  ProviderUnreachable: () => "no connection could be made, so nothing was asked",
  PreviewExpired: () => "the price ran out before the purchase was sent",
  NotSent: () => "it was held up and not sent in time",
};

function reason(detail, who) {
  if (!detail.error) return "";
  const fields = detail.fields ?? {};
  const words = REASONS[detail.error]?.(fields, who) ?? spoken(detail.error);
  return fields.said ? `${words} (“${fields.said}”)` : words;
}

const MEANT = {
  preview: "asked the price",
  post_card: "wanted to post the card",
  approve: "pressed Approve",
  cancel: "pressed Cancel",
  confirm: "was about to send the purchase",
  bought: "said that it was bought",
  nothing_bought: "said that nothing was bought",
};

const DONE = {
  request: ({ reason: why }) => (why ? `asked for it: “${why}”` : "asked for it"),
  request_again: () => "asked for the same again",
  again_ended: () => "ended the new request",
  preview: (detail, { seller }) => `asked ${seller} for the price: ${money(detail.price)} a month; nothing charged`,
  changed: () => "found another price than the one approved, so it asks anew",
  approve: (detail) => (detail.rule ? `approved it by the rule “${detail.rule}”` : "approved it"),
  cancel: () => "cancelled it",
  reason: () => "said why",
  expire: () => "closed it: nobody decided before the price ran out",
  remind: () => "reminded those who may decide",
  renew: (detail) => `asked for the price again: ${money(detail.price)}`,
  budget: () => "found no room in the budget, so people decide",
  confirm: (_, { seller }) => `sent the purchase to ${seller}, once`,
  look_up: (detail) => `looked at the account and found ${phone(detail.number)}`,
  bought: (detail) => `said that it became ${phone(detail.number)}`,
  nothing_bought: () => "said that nothing was bought",
  close: () => "closed it",
};

/** One row of a life: {who, what, tone}. `who` turns a user's id into a name. */
export function told(row, purchase, who) {
  const detail = row.detail ?? {};
  const seller = SELLERS[purchase.life[0]?.detail?.provider] ?? "the provider";
  const why = reason(detail, who);
  if (row.action === "answer") return answered(row, detail, seller, why);
  const tone = row.to ? (STATUSES[row.to]?.[1] ?? "quiet") : "quiet";
  if (row.outcome === "refused") {
    const what = MEANT[row.action] ?? `wanted to ${spoken(row.action).replaceAll("_", " ")}`;
    return { who: who(row.actor_id), what: `${what}: refused${why ? `, ${why}` : ""}`, tone: "refused" };
  }
  const say = DONE[row.action];
  const words = say ? say(detail, { seller }) : row.action.replaceAll("_", " ");
  const missing = detail.missing ? `; ${detail.missing} more needed` : "";
  const note = detail.note ? `: “${detail.note}”` : "";
  return { who: who(row.actor_id), what: words + missing + note, tone };
}

function answered(row, detail, seller, why) {
  const late = row.outcome === "observed" ? " (late, and changes nothing)" : "";
  if (detail.number) return { who: seller, what: `answered: bought, ${phone(detail.number)}${late}`, tone: "good" };
  if (row.to === "unknown") return { who: seller, what: `did not answer: ${why}`, tone: "doubt" };
  return { who: seller, what: `answered: ${why || "no"}${late}`, tone: STATUSES[row.to]?.[1] ?? "quiet" };
}

export const statusWord = (status) => STATUSES[status]?.[0] ?? status;
export const statusTone = (status) => STATUSES[status]?.[1] ?? "quiet";

/** "1200.00 USD" → "$1,200.00". */
export function money(text) {
  const [amount, currency] = String(text ?? "?").split(" ");
  return currency === "USD" ? dollars(Number(amount)) : String(text ?? "?");
}

/** 1200 → "$1,200.00"; nothing where there is no price. */
export const dollars = (price) =>
  typeof price === "number" ? price.toLocaleString("en-US", { style: "currency", currency: "USD" }) : "";

/** +14152007986 → +1 415-200-7986; anything else as it is. */
export function phone(number) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number ?? "");
  return parts ? `+1 ${parts[1]}-${parts[2]}-${parts[3]}` : String(number ?? "a number");
}

/** Seconds as a person says them: 600 → "10 minutes". */
export function span(seconds) {
  for (const [unit, length] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    const count = Number((seconds / length).toFixed(1));
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return `${seconds} second${seconds === 1 ? "" : "s"}`;
}

/** "9:41:07 PM" in `zone`. */
export const clockTime = (iso, zone) =>
  new Date(iso).toLocaleTimeString("en-US", { timeZone: zone, hour: "numeric", minute: "2-digit", second: "2-digit" });

/** A function from a user's id to the name people call them by. */
export function namer(users) {
  const names = new Map(users.map(({ id, name }) => [id, name[0].toUpperCase() + name.slice(1)]));
  return (id) => (id === "dialtone" ? "Dialtone" : (names.get(id) ?? "somebody"));
}
