// The bot as a process: it may be killed at any moment.
import { Refusal } from "./Section.jsx";
import { useRequest } from "./useRequest.js";

export function BotState({ bot }) {
  return (
    <span className="bot-state" data-state={bot.state}>
      {bot.state}
    </span>
  );
}

export function BotControl({ bot }) {
  const [ask, { busy, refusal }] = useRequest();
  const isUp = ["ready", "starting"].includes(bot.state);
  return (
    <>
      <dl className="bot-facts">
        <div><dt>State</dt><dd>{bot.state}</dd></div>
        <div><dt>Process</dt><dd>{bot.pid ?? "none"}</dd></div>
        <div><dt>Started</dt><dd>{bot.starts === 1 ? "once" : `${bot.starts} times`}</dd></div>
      </dl>
      <p className="bot-news" role="status">{bot.news}</p>
      <p className="director-quiet">Kill it while a purchase is on its way: it finds everything again, and buys nothing twice.</p>
      <div className="director-buttons">
        <button type="button" className="danger" disabled={!isUp || busy} onClick={() => ask("/panel/kill")}>kill -9</button>
        <button type="button" disabled={!isUp || busy} onClick={() => ask("/panel/restart")}>Restart</button>
      </div>
      <Refusal>{refusal}</Refusal>
    </>
  );
}
