// One message: who, when, and what; its replies are counted under it.
import { memo, useLayoutEffect, useMemo, useRef } from "react";
import { Blocks } from "../blocks/Blocks.jsx";
import { Text } from "../blocks/Drawn.jsx";
import { InteractionProvider } from "../blocks/interaction.jsx";
import { usePeople } from "../people.jsx";
import { clockTime, inZone, instantOf } from "../time.js";
import { useAct } from "./acting.jsx";
import { Avatar } from "./Avatar.jsx";
import { Eye, Reply } from "./icons.jsx";

export const Message = memo(function Message({ message, isGrouped, replies, openThread }) {
  const { userNamed, zone } = usePeople();
  const act = useAct();
  const article = useRef(null);
  useFocusKept(article, message);
  const by = userNamed(message.user);
  const at = instantOf(message.ts);
  const isFull = !isGrouped || message.is_ephemeral;
  const interaction = useMemo(
    () => ({ act: (element, block, value, began) => act(element, block, value, message, began) }),
    [act, message],
  );
  const time = (
    <time className="at" dateTime={at.toISOString()} title={inZone(at, zone, { dateStyle: "full", timeStyle: "medium" })}>
      {clockTime(at, zone)}
    </time>
  );
  return (
    <article
      ref={article}
      tabIndex={-1}
      className={`message${message.is_ephemeral ? " ephemeral" : ""}${isFull ? "" : " grouped"}`}
      aria-label={`${by.real_name}, ${clockTime(at, zone)}${message.is_ephemeral ? ", only visible to you" : ""}`}
    >
      <div className="gutter">{isFull ? <Avatar user={by} /> : time}</div>
      <div className="message-body">
        {message.is_ephemeral && <p className="only-you"><Eye /> Only visible to you</p>}
        {isFull && (
          <p className="by">
            <strong>{by.real_name}</strong>
            {by.is_bot && <span className="tag">APP</span>}
            {time}
          </p>
        )}
        <InteractionProvider value={interaction}>
          {message.blocks.length ? <Blocks blocks={message.blocks} /> : <Text text={message.text} />}
        </InteractionProvider>
        {message.is_edited && <p className="edited">(edited)</p>}
        {replies?.length > 0 && <Replies replies={replies} open={() => openThread(message)} />}
      </div>
      {openThread && !message.is_ephemeral && (
        <button type="button" className="icon-button hover-action" aria-label="Reply in thread" title="Reply in thread" onClick={() => openThread(message)}>
          <Reply />
        </button>
      )}
    </article>
  );
});

function Replies({ replies, open }) {
  const { userNamed, zone } = usePeople();
  const people = [...new Set(replies.map((reply) => reply.user))].slice(0, 4);
  return (
    <button type="button" className="replies" onClick={open}>
      {people.map((id) => <Avatar key={id} user={userNamed(id)} />)}
      <strong>{replies.length === 1 ? "1 reply" : `${replies.length} replies`}</strong>
      <span>Last {clockTime(instantOf(replies.at(-1).ts), zone)}</span>
    </button>
  );
}

let lastFocused = null;
document.addEventListener("focusin", (event) => { lastFocused = event.target; });

/** When a redrawn card has lost the button that had the focus, the card itself takes it. */
function useFocusKept(article, message) {
  const inside = useRef(null);
  useLayoutEffect(() => {
    const was = inside.current;
    if (was && !was.isConnected && was === lastFocused && document.activeElement === document.body) {
      article.current.focus({ preventScroll: true });
    }
  }, [article, message]);
  useLayoutEffect(() => {
    const here = article.current;
    const remember = (event) => { inside.current = event.target; };
    here.addEventListener("focusin", remember);
    return () => here.removeEventListener("focusin", remember);
  }, [article]);
}
