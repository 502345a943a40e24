// What the tour takes for proof: what the bot's audit, the providers' ledgers and the channel say.
// Nothing here knows which button of the tour was pressed.

/** Purchases at `seller` that were asked for after `since` (an ISO instant, "" for all), newest first. */
export const requestedSince = (panel, since, seller) =>
  panel.purchases.filter(
    ({ life }) => life[0]?.detail?.provider === seller && (!since || new Date(life[0].at) >= new Date(since)),
  );

/** The first row that matches all of `wanted`, e.g. {to: "pending"}. */
export const row = (purchase, wanted) =>
  purchase.life.find((each) => Object.entries(wanted).every(([key, value]) => each[key] === value));

/** How often a row like that is in its life. */
export const count = (purchase, wanted) =>
  purchase.life.filter((each) => Object.entries(wanted).every(([key, value]) => each[key] === value)).length;

/** The number that it became, in E.164; undefined before that. */
export const numberOf = (purchase) => purchase.life.findLast((each) => each.detail?.number)?.detail.number;

/** "100.00 USD": the price that it was asked for at last. */
export const priceOf = (purchase) => purchase.life.findLast((each) => each.detail?.price)?.detail.price;

/** The seller's own charges for the number that this purchase became. */
export function chargesOf(panel, purchase) {
  const number = numberOf(purchase);
  return number ? panel.charges.filter((charge) => charge.what === number) : [];
}

/** Everything that a message says, also in its blocks. */
export const wordsOf = (message) => `${message.text} ${JSON.stringify(message.blocks ?? [])}`;

/** The button of that label on a message: {block_id, action_id}, or undefined. */
export function button(message, label) {
  for (const block of message.blocks ?? []) {
    const found = block.type === "actions" && block.elements.find((each) => each.text?.text === label);
    if (found) return { block_id: block.block_id, action_id: found.action_id };
  }
  return undefined;
}

/** The newest card of that purchase on which that button can be pressed. */
export const cardOf = (messages, code, label) =>
  messages.findLast((each) => !each.is_ephemeral && wordsOf(each).includes(code) && button(each, label));

/** Whether that message came after `since`. */
export const cameSince = (message, since) => !since || Number(message.ts) * 1000 >= new Date(since).getTime();
