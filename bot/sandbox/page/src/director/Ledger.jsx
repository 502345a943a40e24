// The providers' own books: what really was charged, whatever the bot believes.
import { clockTime, dollars, phone, SELLERS } from "./words.js";

export function Ledger({ panel, zone }) {
  const owners = new Map(Object.entries(panel.bought)); // number → code of the purchase that became it
  const [match, isOpen] = matched(panel, owners);
  const sum = panel.charges.reduce((total, { price }) => total + (price ?? 0), 0);
  const charges = [...panel.charges].reverse();
  return (
    <section className="ledger" aria-labelledby="ledger-title">
      <h3 id="ledger-title">Provider’s ledger</h3>
      <p className="ledger-figure" role="status" aria-label="Charged">
        charged: <strong>{panel.charges.length}</strong>
        {sum > 0 && <span className="ledger-sum">{dollars(sum)} a month</span>}
      </p>
      <p className="ledger-match" data-open={isOpen}>{match}</p>
      {charges.length > 0 && (
        <ol className="ledger-rows" aria-label="Charges, newest first" tabIndex={0}>
          {charges.map((charge, index) => (
            <li key={charges.length - index}>
              <span className="ledger-what">{phone(charge.what)}</span>
              <span>{dollars(charge.price)}</span>
              <span className="ledger-seller">
                {[charge.seller, owners.get(charge.what)].filter(Boolean).join(" · ")}
              </span>
              <time dateTime={charge.at}>{clockTime(charge.at, zone)}</time>
            </li>
          ))}
        </ol>
      )}
      <Limits limits={panel.limits} />
    </section>
  );
}

/** Whether books and bot agree, as a sentence; and whether there is an open question. */
function matched(panel, owners) {
  if (panel.charges.length === 0) return ["Nothing has been charged yet.", false];
  const strangers = panel.charges.filter((charge) => !owners.has(charge.what)).length;
  const missing = strangers - panel.purchase_count.charged;
  if (missing <= 0) return ["Every charge belongs to a purchase that Dialtone knows of.", false];
  return [missing === 1 ? "One charge that Dialtone does not know of yet." : `${missing} charges that Dialtone does not know of yet.`, true];
}

function Limits({ limits }) {
  const windows = [["24 hours", limits.daily], ["30 days", limits.monthly]];
  return (
    <dl className="ledger-limits">
      {windows.map(([span, [used, most]]) => (
        <div key={span}>
          <dt>{SELLERS.sendblue}, in {span}</dt>
          <dd>
            <meter min={0} max={Math.max(most, 1)} optimum={0} low={most * 0.7} high={most - 0.5} value={Math.min(used, most)} aria-label={`Lines of ${SELLERS.sendblue} in ${span}`} />
            {used} of {most}
          </dd>
        </div>
      ))}
    </dl>
  );
}
