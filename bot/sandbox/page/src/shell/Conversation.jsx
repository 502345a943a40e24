// The middle of the page: a channel, or the app with its tabs Home and Messages.
import { post } from "../server.js";
import { Avatar } from "./Avatar.jsx";
import { Composer } from "./Composer.jsx";
import { HomeTab } from "./HomeTab.jsx";
import { Hash, Lock } from "./icons.jsx";
import { Messages } from "./Messages.jsx";

/** `place` is the channel's id or "home"; `room` is what rooms.js made of its messages. */
export function Conversation({ world, place, go, room, openThread, say, draft }) {
  const direct = world.channels.find((each) => each.is_im);
  const channel = place === "home" ? direct : world.channels.find((each) => each.id === place);
  const isApp = channel.is_im;
  return (
    <main className="conversation" aria-label={isApp ? "Dialtone" : `#${channel.name}`}>
      <header className="pane-head">
        {isApp ? <AppHead world={world} place={place} go={go} direct={direct} /> : <ChannelHead channel={channel} />}
      </header>
      {place === "home" ? <HomeTab home={world.home} /> : (
        <>
          <Tabbed isApp={isApp}>
            <Messages
              key={`${world.me} ${channel.id}`}
              label={isApp ? "Messages with Dialtone" : `Messages in #${channel.name}`}
              messages={room.inline}
              threads={room.threads}
              openThread={openThread}
              empty={<Empty channel={channel} />}
            />
          </Tabbed>
          {!channel.is_archived && (
            <Composer
              key={world.me}
              fieldId="message-box"
              label="Message or command"
              placeholder={`Message ${isApp ? "Dialtone" : `#${channel.name}`} or type /`}
              world={world}
              say={(text) => say(channel.id, text)}
              shortcuts={world.shortcuts}
              useShortcut={async (callback_id) =>
                (await post("/act/shortcut", { user: world.me, channel: channel.id, callback_id })).error ?? ""}
              draft={draft}
            />
          )}
        </>
      )}
    </main>
  );
}

function ChannelHead({ channel }) {
  return (
    <>
      <h2>{channel.is_private ? <Lock /> : <Hash />}{channel.name}</h2>
      {channel.is_private && <span className="pill">Private</span>}
      {channel.is_archived && <span className="pill">Archived</span>}
      {!channel.has_bot && <span className="pill">Dialtone is not in this channel</span>}
    </>
  );
}

function AppHead({ world, place, go, direct }) {
  const app = world.users.find((user) => user.is_bot);
  const tabs = [["home", "Home"], [direct.id, "Messages"]];
  const keys = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const [other] = tabs.find(([id]) => id !== place);
    go(other);
    event.currentTarget.querySelector(`#tab-${other === "home" ? "home" : "messages"}`).focus();
  };
  return (
    <>
      <h2><Avatar user={app} />{app.real_name}<span className="tag">APP</span></h2>
      <div className="tabs" role="tablist" aria-label="Dialtone" onKeyDown={keys}>
        {tabs.map(([id, name]) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${name.toLowerCase()}`}
            aria-selected={place === id}
            aria-controls={place === id ? `panel-${name.toLowerCase()}` : undefined}
            tabIndex={place === id ? 0 : -1}
            onClick={() => go(id)}
          >
            {name}
          </button>
        ))}
      </div>
    </>
  );
}

function Tabbed({ isApp, children }) {
  if (!isApp) return children;
  return <div className="tabbed" role="tabpanel" id="panel-messages" aria-labelledby="tab-messages">{children}</div>;
}

function Empty({ channel }) {
  return (
    <div className="empty">
      <p><strong>{channel.is_im ? "This is your conversation with Dialtone." : `This is the very beginning of #${channel.name}.`}</strong></p>
      <p>
        Type <code>{channel.is_im ? "/line limits" : "/line buy new desk in Denver"}</code>, or / to see every command.
        {channel.is_im && " Lines are asked for in a channel, where somebody can approve them."}
      </p>
    </div>
  );
}
