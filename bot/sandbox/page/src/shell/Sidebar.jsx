// The list of conversations.
import { useEffect, useRef } from "react";
import { usePeople } from "../people.jsx";
import { Avatar } from "./Avatar.jsx";
import { Hash, Lock } from "./icons.jsx";

/** `place` is a conversation's id, or "home". */
export function Sidebar({ world, place, go, unreadIn, isDrawerOpen }) {
  const nav = useRef(null);
  useEffect(() => {
    if (!isDrawerOpen) return undefined;
    const before = document.activeElement;
    nav.current.querySelector("[aria-current]")?.focus();
    return () => before.focus();
  }, [isDrawerOpen]);
  const { userNamed } = usePeople();
  const channels = world.channels.filter((each) => !each.is_im);
  const direct = world.channels.find((each) => each.is_im);
  const app = world.users.find((user) => user.is_bot);
  const me = userNamed(world.me);
  return (
    <nav ref={nav} className="sidebar" id="conversations" aria-label="Conversations">
      <h2>Channels</h2>
      <ul>
        {channels.map((each) => (
          <Place
            key={each.id}
            id={each.id}
            name={each.name}
            sign={each.is_private ? <Lock /> : <Hash />}
            note={[each.is_private && "private", each.is_archived && "archived"].filter(Boolean).join(", ")}
            isHere={place === each.id}
            unread={unreadIn(each.id)}
            go={go}
          />
        ))}
      </ul>
      <h2>Direct messages</h2>
      <ul>
        <Place
          id={direct.id}
          name={app.real_name}
          sign={<Avatar user={app} />}
          note="app"
          isHere={place === direct.id || place === "home"}
          unread={unreadIn(direct.id)}
          isDirect
          go={go}
        />
      </ul>
      <p className="sidebar-foot">You see what {me.real_name} sees. Nothing here is real, and nothing is charged.</p>
    </nav>
  );
}

function Place({ id, name, sign, note, isHere, unread, isDirect = false, go }) {
  const count = unread.length;
  return (
    <li>
      <button
        type="button"
        className={count ? "place unread" : "place"}
        aria-current={isHere ? "page" : undefined}
        onClick={() => go(id)}
      >
        {sign}
        <span className="place-name">{name}</span>
        {note && <span className={isDirect ? "tag" : "unseen"}>{isDirect ? "APP" : ` (${note})`}</span>}
        {count > 0 && <span className="badge">{count}<span className="unseen"> new</span></span>}
      </button>
    </li>
  );
}
