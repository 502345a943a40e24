// What slack-blocks-to-jsx draws, with names, instants and links filled in by this page.
import { createContext, useContext, useSyncExternalStore } from "react";
import { Message } from "slack-blocks-to-jsx";
import { usePeople } from "../people.jsx";
import { everySecond, inZone } from "../time.js";
import { written } from "./dates.js";
import { NUMBER_URL, richText } from "./mrkdwn.js";

export const ThemeContext = createContext("light");

const HOOKS = {
  user: ({ id }) => <Person id={id} />,
  channel: ({ id }) => <Channel id={id} />,
  usergroup: ({ id }) => <Group id={id} />,
  atHere: () => <Mention isLoud>@here</Mention>,
  atChannel: () => <Mention isLoud>@channel</Mention>,
  atEveryone: () => <Mention isLoud>@everyone</Mention>,
  date: ({ timestamp, format, link }) => <Instant seconds={Number(timestamp)} format={format} link={link} />,
  emoji: (emoji, parse) => {
    const drawn = parse(emoji);
    return drawn === emoji.name ? `:${emoji.name}:` : drawn;
  },
  link: ({ href, children }) => <Link href={href}>{children}</Link>,
};

/** The library keeps its first `hooks`, so these draw what they need from contexts. */
export function Drawn({ block }) {
  const theme = useContext(ThemeContext);
  return <Message withoutWrapper theme={theme} logo="" name="" blocks={[block]} hooks={HOOKS} />;
}

/** A text object, or a string of mrkdwn. */
export function Text({ text }) {
  return <Drawn block={richText(typeof text === "string" ? { type: "mrkdwn", text } : text)} />;
}

function Mention({ isLoud, children }) {
  return <span className={isLoud ? "mention loud" : "mention"}>{children}</span>;
}

function Person({ id }) {
  const { userNamed, me } = usePeople();
  return <Mention isLoud={id === me}>@{userNamed(id).real_name}</Mention>;
}

function Channel({ id }) {
  const channel = usePeople().channels.get(id);
  return <Mention>{channel ? `#${channel.name}` : "a private channel"}</Mention>;
}

function Group({ id }) {
  return <Mention>@{usePeople().groups.get(id)?.handle ?? id}</Mention>;
}

function Link({ href, children }) {
  if (href.startsWith(NUMBER_URL)) return <span className={`number ${href.slice(NUMBER_URL.length)}`}>{children}</span>;
  if (!/^(https?:|mailto:|tel:)/.test(href)) return children;
  return <a href={href} target="_blank" rel="noreferrer noopener">{children}</a>;
}

/** An instant that stays true: "in 9 minutes" counts down. */
function Instant({ seconds, format, link }) {
  const { zone } = usePeople();
  const at = new Date(seconds * 1000);
  const said = useSyncExternalStore(everySecond, () => written(format, at, zone));
  const title = inZone(at, zone, { dateStyle: "full", timeStyle: "long" });
  const time = <time dateTime={at.toISOString()} title={title}>{said}</time>;
  return link ? <Link href={link}>{time}</Link> : time;
}
