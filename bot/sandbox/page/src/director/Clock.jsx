// The sandbox's clock: everybody in it, the bot too, lives by it.
import { useNow } from "../time.js";
import { Refusal } from "./Section.jsx";
import { useRequest } from "./useRequest.js";
import { span } from "./words.js";

const SKIPS = [[60, "1 minute"], [600, "10 minutes"], [3600, "1 hour"], [86400, "1 day"]];

export function Clock({ panel, zone }) {
  const [ask, { busy, refusal }] = useRequest();
  const skipped = panel.skipped_seconds;
  return (
    <>
      <p>
        In the sandbox it is <Ticking zone={zone} />
        {skipped > 0 && <>, <span className="skipped">{span(skipped)} ahead</span> of this machine</>}.
      </p>
      <p className="director-quiet" id="skip-what">Skip ahead, for the bot and everybody else, by</p>
      <div className="director-buttons" role="group" aria-labelledby="skip-what">
        {SKIPS.map(([seconds, label]) => (
          <button type="button" key={seconds} disabled={busy} aria-label={`Skip ${label}`} onClick={() => ask("/panel/skip", { seconds })}>
            {label}
          </button>
        ))}
      </div>
      <Refusal>{refusal}</Refusal>
    </>
  );
}

function Ticking({ zone }) {
  const at = useNow();
  const words = at.toLocaleString("en-US", {
    timeZone: zone, weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit", timeZoneName: "short",
  });
  return <time dateTime={at.toISOString()}>{words}</time>;
}
