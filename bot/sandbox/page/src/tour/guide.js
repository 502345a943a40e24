// Does a step for somebody, with the page's own means: choose a person, write, press, turn a knob.
import { post } from "../server.js";
import { button, cardOf } from "./evidence.js";
import { MAX, MORGAN, nameOf, RILEY } from "./people.js";
import { hands, pause, seen, Stuck, until } from "./running.js";

const PATIENCE_SECONDS = 30;
const READING_MS = 700; // for seeing what is about to be sent
const PRESSES = 5; // of a card that is drawn anew at the same moment
const REDRAWN_MS = 200;

async function ask(path, args) {
  const answer = await post(path, args);
  if (answer.error) throw new Stuck(answer.error);
  if (answer.failed) throw new Stuck(`The bot did not answer: ${answer.failed}`);
}

/** `phones` is the id of #phones; nothing more is done once `signal` calls it off. */
export function guide(phones, signal) {
  const panel = () => seen().panel;

  async function wait(fits, seconds, sentence) {
    const result = await until(fits, seconds, signal);
    if (!result) throw new Stuck(sentence);
    return result;
  }

  /** As that person, looking at #phones; and the bot is there to hear them. */
  async function become(user) {
    const isReady = (state) => state.panel.bot.state === "ready";
    await wait(isReady, PATIENCE_SECONDS, "The bot is not running. “The bot”, in the panel, says why.");
    hands().setMe(user);
    await wait((state) => state.me === user, PATIENCE_SECONDS, "The page does not change to that person.");
    hands().go(phones);
  }

  async function card(code) {
    const sentence = `No card of ${code} waits for an Approve in #phones.`;
    return wait((state) => cardOf(state.messages[phones] ?? [], code, "Approve"), PATIENCE_SECONDS, sentence);
  }

  /** Presses Approve as that person; resolves to their row of the audit, or the one of the end. */
  async function press(code, user) {
    await become(user);
    await card(code);
    await pause(READING_MS, signal);
    for (let left = PRESSES; ; left -= 1) {
      const message = await card(code);
      try {
        await ask("/act/click", { user, channel: phones, ts: message.ts, ...button(message, "Approve") });
        break;
      } catch (error) {
        if (left === 1) throw error;
        await pause(REDRAWN_MS, signal);
      }
    }
    const answered = ({ life }) => life.findLast(({ action, actor_id }) => action === "approve" && actor_id === user);
    const heard = (state) => state.panel.purchases.filter((each) => each.code === code).map(answered)[0];
    return wait(heard, PATIENCE_SECONDS, `${nameOf(user)} pressed Approve on ${code}, and nothing was written down.`);
  }

  return {
    panel,
    set: (id, value) => ask("/panel/set", { id, value }),
    skip: (seconds) => ask("/panel/skip", { seconds }),
    arm: (endpoint_id, fault_id) => ask("/panel/fault", { endpoint_id, fault_id }),

    /** The newest purchase of a line that waits for a decision, by its code. */
    async waiting() {
      return panel().purchases.find(
        (each) => each.status === "pending" && each.life[0]?.detail?.provider === "sendblue",
      )?.code;
    },

    /** Riley asks; resolves to the code once the card waits for a decision. */
    async buy(reason) {
      const before = new Set(panel().purchases.map((each) => each.code));
      const text = `/line buy ${reason}`;
      await become(RILEY);
      hands().type(text);
      await pause(READING_MS, signal);
      hands().type("");
      await ask("/act/say", { user: RILEY, channel: phones, text });
      const isNew = (state) =>
        state.panel.purchases.find((each) => !before.has(each.code) && each.status !== "requested");
      const asked = await wait(isNew, PATIENCE_SECONDS, "The bot has not answered. Is it running?");
      if (asked.status !== "pending") throw new Stuck(`${asked.code} was not offered for approval: it is ${asked.status}.`);
      await card(asked.code);
      return asked.code;
    },

    /** As many managers as the rules want: one, unless a policy says more. */
    async approve(code) {
      let row;
      for (const user of [MORGAN, MAX]) {
        row = await press(code, user);
        if (row.outcome === "done") return;
      }
      const why = row.outcome === "counted" ? `${row.detail.missing} more must approve` : "Max may not approve it";
      throw new Stuck(`The approval policy does not let Morgan and Max decide on ${code}: ${why}. Press as the others yourself.`);
    },

    async pressTogether(code, users) {
      await become(users[1]);
      const message = await card(code);
      await pause(READING_MS, signal);
      await ask("/panel/press_together", { channel: phones, ts: message.ts, label: "Approve", users });
    },

    /** Resolves when its story is at an end, whatever that is. */
    async ended(code, seconds = PATIENCE_SECONDS) {
      const over = ["provisioned", "expired", "refused", "failed", "cancelled", "charged"];
      const isOver = (state) =>
        state.panel.purchases.some((each) => each.code === code && over.includes(each.status));
      await wait(isOver, seconds, `${code} has not come to an end yet. Its life says how far it is.`);
    },
  };
}
