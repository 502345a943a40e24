// The life of each purchase: the bot's own append-only audit, as it is written.
import { useState } from "react";
import { clockTime, namer, phone, statusTone, statusWord, told } from "./words.js";

export function Lives({ panel, users, zone }) {
  const [unfolded, setUnfolded] = useState({});
  const [newest] = panel.purchases;
  if (!newest) {
    return (
      <p className="director-quiet">
        Nobody has asked for anything yet. Each purchase appears here with everything that happens to it.
      </p>
    );
  }
  const who = namer(users);
  return (
    <ul className="lives">
      {panel.purchases.map((purchase) => {
        const isOpen = unfolded[purchase.code] ?? purchase === newest;
        const toggled = (event) => setUnfolded({ ...unfolded, [purchase.code]: event.currentTarget.open });
        return (
          <li key={purchase.code}>
            <details open={isOpen} onToggle={isOpen === undefined ? undefined : toggled} data-code={purchase.code}>
              <summary>
                <code>{purchase.code}</code>
                <span className="life-what">{nameOf(purchase)}</span>
                <Status of={purchase.status} />
              </summary>
              <Life purchase={purchase} who={who} zone={zone} />
            </details>
          </li>
        );
      })}
    </ul>
  );
}

function Life({ purchase, who, zone }) {
  return (
    <ol className="life" aria-label={`Life of ${purchase.code}`}>
      {purchase.life.map((row) => {
        const { who: actor, what, tone } = told(row, purchase, who);
        const moved = row.to && row.to !== row.from;
        return (
          <li key={row.seq} data-tone={tone} data-outcome={row.outcome}>
            <time dateTime={row.at}>{clockTime(row.at, zone)}</time>
            <p>
              <b>{actor}</b> {what}
              {moved && (
                <span className="life-move">
                  {row.from && <>{statusWord(row.from)} <span aria-label="to">→</span> </>}
                  <Status of={row.to} />
                </span>
              )}
            </p>
          </li>
        );
      })}
    </ol>
  );
}

function Status({ of: status }) {
  return (
    <span className="status" data-tone={statusTone(status)}>
      {statusWord(status)}
    </span>
  );
}

const nameOf = (purchase) => purchase.what.replace(/\+1\d{10}/g, phone);
