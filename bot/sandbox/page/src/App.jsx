// The page as a whole: who is looking, at what, and what is open beside it.
import { useCallback, useEffect, useMemo, useState } from "react";
import { ThemeContext } from "./blocks/Drawn.jsx";
import { Director } from "./director/Director.jsx";
import { peopleOf, PeopleProvider } from "./people.jsx";
import { post } from "./server.js";
import { ActProvider, actingAs } from "./shell/acting.jsx";
import { Announcer } from "./shell/Announcer.jsx";
import { Confirm } from "./shell/Confirm.jsx";
import { Conversation } from "./shell/Conversation.jsx";
import { DirectorPane } from "./shell/DirectorPane.jsx";
import { Guard } from "./shell/Guard.jsx";
import { Modal } from "./shell/Modal.jsx";
import { roomOf } from "./shell/rooms.js";
import { Sidebar } from "./shell/Sidebar.jsx";
import { useTheme } from "./shell/theme.js";
import { Thread } from "./shell/Thread.jsx";
import { TopBar } from "./shell/TopBar.jsx";
import { useNarrow } from "./shell/useNarrow.js";
import { useUnread } from "./shell/unread.js";
import { Tour } from "./tour/Tour.jsx";
import { useWorld } from "./useWorld.js";

const FIRST_PERSON = "U0RILEY001";
const FIRST_CHANNEL = "phones";

/** State that outlives a reload of the tab. */
function useRemembered(key, first) {
  const [value, setValue] = useState(() => JSON.parse(sessionStorage.getItem(key) ?? "null") ?? first);
  useEffect(() => sessionStorage.setItem(key, JSON.stringify(value)), [key, value]);
  return [value, setValue];
}

export function App() {
  const [me, setMe] = useRemembered("me", FIRST_PERSON);
  const { world, isLost } = useWorld(me, useCallback(() => setMe(FIRST_PERSON), [setMe]));
  return (
    <>
      {world ? <Page world={world} wantedMe={me} setMe={setMe} /> : <p className="empty">Looking into the sandbox…</p>}
      {isLost && <p className="lost" role="alert">The sandbox has stopped. Start it again with make sandbox.</p>}
    </>
  );
}

/** Until `wantedMe`'s world is here, the former person's is shown and nothing in it can be pressed. */
function Page({ world, wantedMe, setMe }) {
  const { me } = world;
  const isComing = wantedMe !== me;
  const [theme, toggleTheme] = useTheme();
  const [wanted, setPlace] = useRemembered("place", "");
  const [isDirectorOpen, setDirectorOpen] = useRemembered("director", true);
  const isNarrow = useNarrow();
  const [isSheetOpen, setSheetOpen] = useState(false);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [thread, setThread] = useState(null); // { channel, ts }
  const [question, setQuestion] = useState(null); // { confirm, answer }
  const [draft, setDraft] = useState(null);
  const [trouble, setTrouble] = useState("");
  const [away, setAway] = useState(null); // the element in the bar for the tour that was put away

  const place = placeOf(world, wanted);
  const { users, channels, groups } = world;
  const people = useMemo(() => peopleOf({ users, channels, groups }, me), [users, channels, groups, me]);
  const messages = world.messages[place];
  const room = useMemo(() => roomOf(messages ?? []), [messages]);
  const unreadIn = useUnread(world, me, place === "home" ? null : place);

  const go = useCallback((id) => {
    setPlace(id);
    setThread(null);
    setDrawerOpen(false);
    setTrouble("");
  }, [setPlace]);
  useEffect(() => {
    if (place === "home") post("/act/open_home", { user: me });
  }, [place, me]);
  useEffect(() => setThread(null), [me]);

  const act = useMemo(() => {
    const ask = (confirm) => new Promise((resolve) => {
      setQuestion({ confirm, answer: (isYes) => { setQuestion(null); resolve(isYes); } });
    });
    return actingAs(me, ask, setTrouble);
  }, [me]);
  const say = async (channel, text, thread_ts) => (await post("/act/say", { user: me, channel, text, thread_ts })).error ?? "";
  const type = useCallback((text) => {
    if (place === "home") go(world.channels.find((each) => each.name === FIRST_CHANNEL).id);
    setDraft({ text });
  }, [place, go, world.channels]);

  const openThread = useCallback((message) => setThread({ channel: message.channel, ts: message.ts }), []);
  const parent = thread?.channel === place ? messages?.find((message) => message.ts === thread.ts) : undefined;
  const channel = world.channels.find((each) => each.id === place);
  const hands = { world, state: world, panel: world.panel, me, zone: people.zone, setMe, channel: place, go, type, post };
  const director = {
    isOpen: isNarrow ? isSheetOpen : isDirectorOpen,
    toggle: () => (isNarrow ? setSheetOpen(!isSheetOpen) : setDirectorOpen(!isDirectorOpen)),
  };
  const drawer = {
    isOpen: isDrawerOpen,
    toggle: () => setDrawerOpen(!isDrawerOpen),
    hasNews: world.channels.some((each) => unreadIn(each.id).length),
  };
  const app = world.users.find((user) => user.is_bot);

  return (
    <ThemeContext value={theme}>
      <PeopleProvider value={people}>
        <ActProvider value={act}>
          <div
            className={isDrawerOpen ? "page with-drawer" : "page"}
            onKeyDown={(event) => event.key === "Escape" && setDrawerOpen(false)}
          >
            {place !== "home" && <a className="skip" href="#message-box">Skip to the message box</a>}
            <TopBar wantedMe={wantedMe} setMe={setMe} theme={theme} toggleTheme={toggleTheme} director={director} drawer={drawer} bot={world.panel.bot} holdsTour={setAway} />
            <div className="tour-slot"><Guard name="The tour" version={world.version}><Tour {...hands} away={away} /></Guard></div>
            <Sidebar world={world} place={place} go={go} unreadIn={unreadIn} isDrawerOpen={isDrawerOpen} />
            {isDrawerOpen && <div className="veil" onPointerDown={() => setDrawerOpen(false)} />}
            <div className="middle" inert={isComing}>
              <Conversation world={world} place={place} go={go} room={room} openThread={openThread} say={say} draft={draft} />
              {trouble && <p className="trouble floating" role="alert">{trouble}</p>}
            </div>
            {parent && !isComing && (
              <Thread
                world={world}
                place={channel}
                parent={parent}
                replies={room.threads.get(parent.ts) ?? []}
                say={(text) => say(place, text, parent.ts)}
                close={() => setThread(null)}
              />
            )}
            {director.isOpen && (
              <DirectorPane isSheet={isNarrow} close={director.toggle}>
                <Guard name="The panel" version={world.version}><Director {...hands} /></Guard>
              </DirectorPane>
            )}
            {world.modals.map((view, index) => (
              <Modal key={view.id} view={view} app={app} isTop={index === world.modals.length - 1} isPushed={index > 0} />
            ))}
            {question && <Confirm question={question.confirm} answer={question.answer} />}
            <Announcer world={world} />
          </div>
        </ActProvider>
      </PeopleProvider>
    </ThemeContext>
  );
}

/** Where to look: where one was, as long as this person may look there. */
function placeOf({ channels }, wanted) {
  if (wanted === "home") return wanted;
  const found = channels.find((each) => each.id === wanted);
  // Everybody's direct message is their own: who looked at one goes on looking at one.
  const direct = wanted.startsWith("D") && channels.find((each) => each.is_im);
  return (found ?? (direct || channels.find((each) => each.name === FIRST_CHANNEL)) ?? channels[0]).id;
}
