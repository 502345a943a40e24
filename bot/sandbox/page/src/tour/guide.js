// Does a step for somebody, with the page's own means: choose a person, write, press, turn a knob.
import { button, cardOf } from "./evidence.js";
import { MORGAN, RILEY } from "./steps.js";

const PATIENCE_SECONDS = 30;
const READING_MS = 700; // for seeing what is about to be sent

/** The step cannot go on; the message is for the person at the page. */
export class Stuck extends Error {}

/**
 * `seen()` is the newest GET /state, `until(fits, seconds)` resolves to what `fits(state)` found,
 * `page` can setMe(user), go(channel) and type(text); `post` talks to the sandbox.
 */
export function guide({ seen, until, page, post, phones }) {
  const panel = () => seen().panel;

  async function ask(path, args) {
    const answer = await post(path, args);
    if (answer.error) throw new Stuck(answer.error);
    if (answer.failed) throw new Stuck(`The bot did not answer: ${answer.failed}`);
  }

  const found = (code) => (state) => state.panel.purchases.find((each) => each.code === code);

  async function wait(fits, seconds, sentence) {
    const result = await until(fits, seconds);
    if (!result) throw new Stuck(sentence);
    return result;
  }

  async function card(code) {
    const sentence = `No card of ${code} waits for an Approve in #phones.`;
    return wait((state) => cardOf(state.messages[phones] ?? [], code, "Approve"), PATIENCE_SECONDS, sentence);
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
      page.setMe(RILEY);
      page.go(phones);
      page.type(text);
      await pause(READING_MS);
      page.type("");
      await ask("/act/say", { user: RILEY, channel: phones, text });
      const isNew = (state) =>
        state.panel.purchases.find((each) => !before.has(each.code) && each.status !== "requested");
      const asked = await wait(isNew, PATIENCE_SECONDS, "The bot has not answered. Is it running?");
      if (asked.status !== "pending") throw new Stuck(`${asked.code} was not offered for approval: it is ${asked.status}.`);
      await card(asked.code);
      return asked.code;
    },

    async approve(code, user = MORGAN) {
      page.setMe(user);
      page.go(phones);
      const message = await card(code);
      await pause(READING_MS);
      await ask("/act/click", { user, channel: phones, ts: message.ts, ...button(message, "Approve") });
    },

    async pressTogether(code, users) {
      page.setMe(users[1]);
      page.go(phones);
      const message = await card(code);
      await pause(READING_MS);
      await ask("/panel/press_together", { channel: phones, ts: message.ts, label: "Approve", users });
    },

    /** Resolves when its story is at an end, whatever that is. */
    async ended(code, seconds = PATIENCE_SECONDS) {
      const over = ["provisioned", "expired", "refused", "failed", "cancelled", "charged"];
      const isOver = (state) => over.includes(found(code)(state)?.status);
      await wait(isOver, seconds, `${code} has not come to an end yet. Its life says how far it is.`);
    },
  };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
