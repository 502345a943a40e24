// What stands in the channel itself, and what in its threads.

/**
 * { inline: messages, threads: Map of a parent's ts to its replies }. A reply stands in its thread
 * alone, unless it was also sent to the channel or its parent cannot be seen.
 */
export function roomOf(messages) {
  const there = new Set(messages.map((message) => message.ts));
  const isReply = ({ ts, thread_ts: parent }) => Boolean(parent) && parent !== ts && there.has(parent);
  const threads = new Map();
  for (const message of messages) {
    if (!isReply(message)) continue;
    if (!threads.has(message.thread_ts)) threads.set(message.thread_ts, []);
    threads.get(message.thread_ts).push(message);
  }
  return { inline: messages.filter((message) => !isReply(message) || message.is_broadcast), threads };
}
