// The six steps: what to do, what to watch, how it is known to have happened, and how to do it for
// somebody. A proof is true only of what is on record; `prove` returns its sentence, or "".
import { money, phone } from "../director/words.js";
import { cameSince, chargesOf, count, numberOf, priceOf, requestedSince, row, wordsOf } from "./evidence.js";
import { MAX, MORGAN, nameOf as name } from "./people.js";

const CONFIRM = "sendblue /accounts/lines/provision-confirm";
const CUT_AFTER = "cut_after";
const SHORT_PRICE = 15;
const USUAL_PRICE = 600;
const ROOM = 10; // lines per day, so that the tour does not end at Sendblue's usual 3
const NEEDED = 7; // lines that one walk may buy
const SAME_MOMENT_MS = 600; // between two presses by hand there is more

/** Lines per day that one walk needs: [today's limit, what it will be]. */
export function roomIn({ limits: { daily: [used, limit] } }) {
  return [limit, limit >= used + NEEDED ? limit : Math.max(ROOM, used + NEEDED)];
}

/** Enough of everything for one walk, however often it was walked before. */
export async function makeRoom({ panel, set }) {
  const { monthly } = panel().limits;
  const [limit, wanted] = roomIn(panel());
  if (wanted > limit) await set("sendblue.daily_limit", wanted);
  if (monthly[1] < monthly[0] + ROOM) await set("sendblue.monthly_limit", monthly[0] + ROOM);
  const stock = panel().knobs.find((knob) => knob.id === "sendblue.stock");
  if (stock && stock.value < 5) await set("sendblue.stock", ROOM);
}

/** What was bought once: [purchase, number as people write it, price], of those that fit. */
function boughtOnce(panel, purchases, fits) {
  const found = purchases.find(
    (each) => each.status === "provisioned" && fits(each) && chargesOf(panel, each).length === 1 && sentOnce(each),
  );
  return found && [found, phone(numberOf(found)), money(priceOf(found))];
}

const sentOnce = (purchase) => count(purchase, { action: "confirm", outcome: "done" }) === 1;

export const STEPS = [
  {
    title: "Ask for a line",
    todo: "As Riley, write in #phones:",
    example: "/line buy new desk in Denver",
    watch: "A card comes with the price, and asks the managers. The ledger stays at what it was.",
    async prove({ panel, since }) {
      const asked = requestedSince(panel, since, "sendblue").find((each) => row(each, { to: "pending" }));
      if (!asked) return "";
      return `${name(asked.life[0].actor_id)} asked, Sendblue named ${money(priceOf(asked))} a month, and ${asked.code} went to the managers. Asking costs nothing.`;
    },
    async doIt(tour) {
      await tour.buy("new desk in Denver");
    },
  },
  {
    title: "Approve it",
    todo: "Act as Morgan, a manager: press Approve on the card, then “Approve and buy”.",
    watch: "The card turns into the receipt, and the ledger counts one charge more.",
    async prove({ panel, since }) {
      const found = boughtOnce(panel, requestedSince(panel, since, "sendblue"), (each) =>
        row(each, { to: "approved", outcome: "done" }),
      );
      if (!found) return "";
      const [purchase, number, price] = found;
      return `${approversOf(purchase).map(name).join(" and ")} said yes, and ${purchase.code} became ${number}. One charge: ${price}.`;
    },
    async doIt(tour) {
      const code = (await tour.waiting()) ?? (await tour.buy("new desk in Denver"));
      await tour.approve(code);
      await tour.ended(code);
    },
  },
  {
    title: "Let a price run out",
    todo: "Under “The world”, set how long a price stands to 15 seconds. Buy as Riley, and decide nothing.",
    watch: "The card closes by itself, and its buttons go: an old price cannot be approved. (The price stands 10 minutes again afterwards.)",
    async prove({ panel, since }) {
      const gone = requestedSince(panel, since, "sendblue").find((each) => row(each, { to: "expired" }));
      if (!gone || count(gone, { action: "confirm" }) > 0) return "";
      return `Nobody decided on ${gone.code} in time, so it closed by itself. It was never sent to Sendblue, and nothing was charged.`;
    },
    async doIt(tour) {
      await tour.set("sendblue.preview_seconds", SHORT_PRICE);
      try {
        const code = await tour.buy("a desk that nobody decides on");
        await tour.ended(code, 60);
      } finally {
        await tour.set("sendblue.preview_seconds", USUAL_PRICE);
      }
    },
    skip: SHORT_PRICE,
    /** The price stands as long as usual once the step is over, whoever shortened it. */
    async leave(tour) {
      const knob = tour.panel().knobs.find((each) => each.id === "sendblue.preview_seconds");
      if (knob?.value === SHORT_PRICE) await tour.set(knob.id, USUAL_PRICE);
    },
  },
  {
    title: "Two managers at once",
    todo: "By hand nobody presses in the very same moment: let the button buy a line, and press Approve as Morgan and as Max at once.",
    watch: "One press buys. The other is refused, and is told who was first. Both stand in the purchase’s life.",
    async prove({ panel, since, stateAs, phones }) {
      const found = boughtOnce(panel, requestedSince(panel, since, "sendblue"), (each) => loserOf(each) ?? bothNeeded(each));
      if (!found) return "";
      const [purchase, , price] = found;
      if (!loserOf(purchase)) return `Both pressed in the same moment, and the policy wants two: each counted once. One charge: ${price}.`;
      const first = row(purchase, { to: "approved" }).actor_id;
      const second = loserOf(purchase);
      const seen = await stateAs(second.actor_id);
      const isTold = seen.messages[phones].some((each) => each.is_ephemeral && wordsOf(each).includes(purchase.code));
      if (!isTold) return "";
      const told =
        second.detail.error === "AlreadyApproved" ? `that ${name(first)} was first` : "that it was being bought already";
      return `Both pressed in the same moment. One charge: ${price}; ${name(second.actor_id)} was told ${told}.`;
    },
    async doIt(tour) {
      const code = await tour.buy("a desk that two managers want");
      await tour.pressTogether(code, [MORGAN, MAX]);
      await tour.ended(code);
    },
  },
  {
    title: "Lose the answer",
    todo: "Under “Let something go wrong”, cut the connection after the charge of the next line. Buy as Riley, approve as Morgan.",
    watch: "The money is gone, the answer is lost. The card says “Not known”; Dialtone does not buy again, it looks at the account.",
    async prove({ panel, since }) {
      const found = boughtOnce(panel, requestedSince(panel, since, "sendblue"), (each) => row(each, { to: "unknown" }));
      if (!found) return "";
      const [purchase, number, price] = found;
      return `The answer was lost after the charge. Dialtone sent ${purchase.code} only once, looked, and found ${number} on the account. One charge: ${price}.`;
    },
    async doIt(tour) {
      await tour.arm(CONFIRM, CUT_AFTER);
      const code = await tour.buy("a desk with bad luck");
      await tour.approve(code);
      await tour.ended(code, 60);
    },
  },
  {
    title: "Come near the limit",
    todo: "Under “The world”, set Sendblue’s lines per day to two more than are used. Buy one and approve it.",
    watch: "Dialtone warns #phones before the limit stops anybody: one line is left.",
    async prove({ messages, since }) {
      const alert = messages.find(
        (each) => each.user === "U0DIALTONE" && cameSince(each, since) && /limit is (near|reached)/.test(each.text),
      );
      if (!alert) return "";
      const said = /Sendblue's limit is \w+: \d+ of \d+ lines? used in \d+ \w+(, \w+ left)?/.exec(alert.text)?.[0];
      return `#phones was warned: “${said ?? "the limit is near"}”. Nobody had to ask.`;
    },
    async doIt(tour) {
      await tour.set("sendblue.daily_limit", tour.panel().limits.daily[0] + 2);
      const code = await tour.buy("one more desk");
      await tour.approve(code);
      await tour.ended(code);
    },
  },
];

/** Who said yes, in order: one person, unless a policy wants more. */
const approversOf = ({ life }) =>
  life.filter(({ action, outcome }) => action === "approve" && ["done", "counted"].includes(outcome)).map((each) => each.actor_id);

/** Two approvals of the same moment, where a policy wants two. */
function bothNeeded({ life }) {
  const votes = life.filter(({ action, outcome }) => action === "approve" && ["done", "counted"].includes(outcome));
  return votes.length > 1 && new Date(votes.at(-1).at) - new Date(votes[0].at) < SAME_MOMENT_MS;
}

/** The approval that came second, by somebody else, and was refused for that. */
function loserOf(purchase) {
  const first = row(purchase, { to: "approved", outcome: "done" });
  return (
    first &&
    purchase.life.find(
      (each) =>
        each.action === "approve" &&
        each.outcome === "refused" &&
        each.actor_id !== first.actor_id &&
        ["AlreadyApproved", "ConfirmUnderWay", "AlreadyEnded"].includes(each.detail?.error),
    )
  );
}
