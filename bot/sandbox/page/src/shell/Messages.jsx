// What stands in a conversation or a thread: days, groups of messages, and the scrolling.
import { useEffect, useLayoutEffect, useRef } from "react";
import { usePeople } from "../people.jsx";
import { dayNumber, inZone, instantOf, nearDay } from "../time.js";
import { Message } from "./Message.jsx";

const GROUPED_SECONDS = 300;
const NEAR_END = 120; // pixels

/** `threads` maps a message's ts to its replies; without it none are counted (in a thread). */
export function Messages({ label, messages, threads, openThread, empty }) {
  const { zone, me } = usePeople();
  const log = useRef(null);
  const isAtEnd = useRef(true);
  const newest = messages.at(-1);
  const last = newest?.ts;
  const isOurs = newest?.user === me || newest?.is_ephemeral; // what we sent, or asked for

  const size = useRef("");
  const stay = () => {
    if (!log.current) return;
    if (isAtEnd.current) log.current.scrollTop = log.current.scrollHeight;
    size.current = sizeOf(log.current);
  };
  useLayoutEffect(() => {
    if (isOurs) isAtEnd.current = true;
  }, [last, isOurs]);
  useLayoutEffect(stay, [messages]);
  useEffect(() => {
    const watch = new ResizeObserver(stay);
    watch.observe(log.current);
    watch.observe(log.current.firstElementChild);
    return () => watch.disconnect();
  }, []);

  return (
    // Its own live region would read every redrawn card aloud: Announcer says what is new instead.
    <div
      ref={log}
      className="messages"
      role="log"
      aria-live="off"
      aria-label={label}
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        // Where the box has become another size, it was not the person who scrolled.
        if (size.current !== sizeOf(box)) stay();
        else isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
      }}
    >
      <div className="messages-inside">
        {!last && empty}
        {messages.map((message, index) => {
          const before = messages[index - 1];
          const at = instantOf(message.ts);
          const isNewDay = !before || dayNumber(instantOf(before.ts), zone) !== dayNumber(at, zone);
          return (
            <div key={message.ts}>
              {isNewDay && <Day at={at} zone={zone} />}
              <Message
                message={message}
                isGrouped={!isNewDay && belongsTo(before, message)}
                replies={threads?.get(message.ts)}
                openThread={openThread}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

const sizeOf = (box) => `${box.clientWidth} ${box.clientHeight} ${box.scrollHeight}`;

function belongsTo(before, message) {
  return (
    before.user === message.user &&
    before.is_ephemeral === message.is_ephemeral &&
    !message.blocks.length && // a card begins with whose it is
    Number(message.ts) - Number(before.ts) < GROUPED_SECONDS
  );
}

function Day({ at, zone }) {
  const near = nearDay(at, zone);
  const said = near ? near[0].toUpperCase() + near.slice(1) : inZone(at, zone, { weekday: "long", month: "long", day: "numeric" });
  return <h3 className="day"><span>{said}</span></h3>;
}
