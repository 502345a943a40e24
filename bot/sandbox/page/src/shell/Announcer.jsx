// Says aloud what is new, for people who do not see it; a card drawn anew is no news.
import { useEffect, useRef, useState } from "react";
import { usePeople } from "../people.jsx";

export function Announcer({ world }) {
  const people = usePeople();
  const { userNamed } = people;
  const [said, setSaid] = useState("");
  const known = useRef(null); // { me, last: the latest ts by channel }
  useEffect(() => {
    const last = {};
    const news = [];
    const isSame = known.current?.me === world.me;
    for (const channel of world.channels) {
      const messages = world.messages[channel.id] ?? [];
      last[channel.id] = Number(messages.at(-1)?.ts ?? 0);
      if (!isSame) continue;
      for (const message of messages) {
        if (Number(message.ts) <= (known.current.last[channel.id] ?? 0) || message.user === world.me) continue;
        const where = channel.is_im ? "in a direct message" : `in ${channel.name}`;
        news.push(`${userNamed(message.user).real_name} ${where}: ${spoken(message.text, people)}`);
      }
    }
    known.current = { me: world.me, last };
    if (news.length) setSaid(news.join(". "));
  }, [world, people, userNamed]);
  return <div className="unseen" role="status">{said}</div>;
}

/** mrkdwn as it is said. */
function spoken(text, { userNamed, groups, channels }) {
  return text
    .replace(/<@(\w+)[^>]*>/g, (_all, id) => userNamed(id).real_name)
    .replace(/<!subteam\^(\w+)[^>]*>/g, (_all, id) => groups.get(id)?.handle ?? id)
    .replace(/<#(\w+)[^>]*>/g, (_all, id) => channels.get(id)?.name ?? id)
    .replace(/<!(here|channel|everyone)[^>]*>/g, "$1")
    .replace(/<![^>|]*\|([^>]*)>/g, "$1")
    .replace(/<[^>|]*\|([^>]*)>/g, "$1")
    .replace(/[*_~`>]|&gt;/g, "")
    .slice(0, 300);
}
