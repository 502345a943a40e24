// The bar on top: whose eyes one looks through, light or dark, and what is behind the scenes.
import { usePeople } from "../people.jsx";
import { Avatar } from "./Avatar.jsx";
import { Burger, DialPad, Moon, Sliders, Sun } from "./icons.jsx";

export function TopBar({ wantedMe, setMe, theme, toggleTheme, director, drawer, bot, holdsTour }) {
  return (
    <header className="topbar">
      <button
        type="button"
        className="icon-button only-narrow"
        aria-label="Conversations"
        aria-expanded={drawer.isOpen}
        aria-controls="conversations"
        onClick={drawer.toggle}
      >
        <Burger />
        {drawer.hasNews && <span className="dot"><span className="unseen">Something new</span></span>}
      </button>
      <h1>
        <DialPad />
        Dialtone <span>sandbox</span>
      </h1>
      <ActAs me={wantedMe} setMe={setMe} />
      <div className="topbar-end">
        <span className="tour-away" ref={holdsTour} />
        <p className="bot-state" data-state={bot.state}><span>Bot: {bot.state}</span></p>
        <button
          type="button"
          className="icon-button"
          aria-label={theme === "dark" ? "Use light colours" : "Use dark colours"}
          title={theme === "dark" ? "Light" : "Dark"}
          onClick={toggleTheme}
        >
          {theme === "dark" ? <Sun /> : <Moon />}
        </button>
        <button
          type="button"
          className="icon-button with-words"
          aria-label="Behind the scenes"
          aria-expanded={director.isOpen}
          aria-controls="director"
          onClick={director.toggle}
        >
          <Sliders />
          <span>Behind the scenes</span>
        </button>
      </div>
    </header>
  );
}

function ActAs({ me, setMe }) {
  const { users, userNamed } = usePeople();
  const people = [...users.values()].filter((user) => !user.is_bot);
  return (
    <label className="act-as">
      <Avatar user={userNamed(me)} />
      <span className="act-as-words">Act as</span>
      <select value={me} onChange={(event) => setMe(event.target.value)}>
        {people.map((user) => (
          <option key={user.id} value={user.id}>{user.real_name} ({user.title})</option>
        ))}
      </select>
    </label>
  );
}
