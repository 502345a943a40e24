// The providers' own books: what really was charged, whatever the bot believes.
import { clockTime, phone, SELLERS } from "./words.js";

const MOST_LIVES = 20; // as many as the panel is told of; beyond them charges cannot be matched

export function Ledger({ panel, zone }) {
  const owners = ownersOf(panel.purchases);
  const charges = [...panel.charges].reverse();
  return (
    <section className="ledger" aria-labelledby="ledger-title">
      <h3 id="ledger-title">Provider’s ledger</h3>
      <p className="ledger-figure" role="status" aria-label="Charged">
        charged: <strong>{panel.charges.length}</strong>
      </p>
      <p className="ledger-match">{matched(panel, owners)}</p>
      {charges.length > 0 && (
        <ol className="ledger-rows" aria-label="Charges, newest first" tabIndex={0}>
          {charges.map((charge, index) => (
            <li key={charges.length - index}>
              <time dateTime={charge.at}>{clockTime(charge.at, zone)}</time>
              <span className="ledger-what">{phone(charge.what)}</span>
              <span className="ledger-seller">
                {[charge.seller, money(charge.price), owners.get(charge.what)].filter(Boolean).join(" · ")}
              </span>
            </li>
          ))}
        </ol>
      )}
      <Limits limits={panel.limits} />
    </section>
  );
}

const money = (price) => (typeof price === "number" ? `$${price.toFixed(2)}` : price);

/** Number → code of the purchase that the bot knows it by. */
function ownersOf(purchases) {
  const owners = new Map();
  for (const { code, life } of purchases) {
    for (const { detail } of life) {
      for (const number of [detail?.number, detail?.second_number]) if (number) owners.set(number, code);
    }
  }
  return owners;
}

/** Whether books and bot agree, as a sentence. */
function matched(panel, owners) {
  if (panel.charges.length === 0) return "Nothing has been charged yet.";
  if (panel.purchases.length >= MOST_LIVES) return "";
  const strangers = panel.charges.filter((charge) => !owners.has(charge.what)).length;
  const expected = panel.purchases.filter((each) => each.status === "charged").length;
  const missing = strangers - expected;
  if (missing <= 0) return "Every charge belongs to a purchase that Dialtone knows of.";
  const one = missing === 1;
  return `${missing} ${one ? "charge is" : "charges are"} not yet known to Dialtone.`;
}

function Limits({ limits }) {
  return (
    <dl className="ledger-limits" aria-label={`${SELLERS.sendblue}’s limits`}>
      {[["24 hours", limits.daily], ["30 days", limits.monthly]].map(([label, [used, most]]) => (
        <div key={label}>
          <dt>Lines in {label}</dt>
          <dd>
            <meter min={0} max={Math.max(most, 1)} high={Math.max(most - 1, 0.5)} value={Math.min(used, most)} aria-label={`Lines in ${label}`} />
            {used} of {most}
          </dd>
        </div>
      ))}
    </dl>
  );
}
