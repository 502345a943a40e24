// Which messages somebody has not seen yet, remembered for as long as the tab is open.
import { useEffect, useState } from "react";

const KEY = "seen";
const read = () => JSON.parse(sessionStorage.getItem(KEY) ?? "{}");

/** [unreadIn(channelId) → messages not seen yet by `me`]; what stands in `open` counts as seen. */
export function useUnread(world, me, open) {
  const [seen, setSeen] = useState(read);
  const latest = open && world?.messages[open]?.at(-1)?.ts;
  useEffect(() => {
    if (!latest) return;
    setSeen((before) => {
      if (before[`${me} ${open}`] === latest) return before;
      const after = { ...before, [`${me} ${open}`]: latest };
      sessionStorage.setItem(KEY, JSON.stringify(after));
      return after;
    });
  }, [latest, me, open]);
  return (channel) => {
    if (channel === open) return [];
    const last = Number(seen[`${me} ${channel}`] ?? 0);
    return (world.messages[channel] ?? []).filter((message) => Number(message.ts) > last && message.user !== me);
  };
}
