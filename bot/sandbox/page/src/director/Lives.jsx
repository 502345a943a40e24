// The life of each purchase: the bot's own append-only audit, as it is written.
import { useKept } from "./useKept.js";
import { clockTime, namer, phone, statusTone, statusWord, told } from "./words.js";

const NUMBER = /(\+1 \d{3}-\d{3}-\d{4})/;

export function Lives({ panel, users, zone }) {
  const [unfolded, setUnfolded] = useKept("unfolded", {});
  const [newest] = panel.purchases;
  if (!newest) {
    return (
      <p className="director-quiet">
        Nobody has asked for anything yet. Each purchase appears here with everything that happens to it.
      </p>
    );
  }
  const who = namer(users);
  const older = panel.purchase_count.all - panel.purchases.length;
  return (
    <>
      <ul className="lives">
        {panel.purchases.map((purchase) => {
          // The newest stands open until a newer one comes, the others as somebody left them.
          const isOpen = unfolded[purchase.code] ?? purchase === newest;
          function fold(event) {
            event.preventDefault();
            setUnfolded({ ...unfolded, [purchase.code]: !isOpen });
          }
          return (
            <li key={purchase.code}>
              <details open={isOpen} data-code={purchase.code}>
                <summary onClick={fold}>
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
      {older > 0 && <p className="director-quiet">Older ones: {older}. “/line show CODE” tells their lives.</p>}
    </>
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
            <p><b>{actor}</b> <Words>{what}</Words></p>
            <p className="life-move">
              <time dateTime={row.at}>{clockTime(row.at, zone)}</time>
              {moved && row.from && <> {statusWord(row.from)} →</>}
              {moved && <> <Status of={row.to} /></>}
            </p>
          </li>
        );
      })}
    </ol>
  );
}

/** A number is never broken in two. */
const Words = ({ children }) =>
  children.split(NUMBER).map((each, index) => (index % 2 ? <span key={index} className="number">{each}</span> : each));

function Status({ of: status }) {
  return (
    <span className="status" data-tone={statusTone(status)}>
      {statusWord(status)}
    </span>
  );
}

const nameOf = (purchase) => purchase.what.replace(/\+1\d{10}/g, phone);
