// What is to go wrong next, at which endpoint.
import { useId } from "react";
import { Refusal } from "./Section.jsx";
import { useKept } from "./useKept.js";
import { useRequest } from "./useRequest.js";
import { SELLERS } from "./words.js";

/** The calls that spend money, by their path's end. */
const SPENDING = { sendblue: "/provision-confirm", magpipe: "/provision-phone-number" };
const SOLD = { sendblue: "line (Sendblue)", magpipe: "number (Magpipe)" };
const LOSE_THE_ANSWER = "cut_after";

export function Faults({ panel }) {
  const [ask, { busy, refusal }] = useRequest();
  const arm = (endpoint, fault) => ask("/panel/fault", { endpoint_id: endpoint, fault_id: fault });
  return (
    <>
      <p className="director-quiet">
        The hardest case: the card is charged, and the answer never arrives. Cut the connection after the charge of the
        next
      </p>
      <div className="director-buttons">
        {Object.entries(SPENDING).map(([seller, ending]) => {
          const endpoint = panel.endpoints.find((each) => each.provider === seller && each.endpoint.endsWith(ending));
          return (
            endpoint && (
              <button type="button" key={seller} disabled={busy} onClick={() => arm(endpoint.id, LOSE_THE_ANSWER)}
                aria-label={`Cut the connection after the charge of the next ${SOLD[seller]}`}>
                {SOLD[seller]}
              </button>
            )
          );
        })}
      </div>
      <Armed panel={panel} busy={busy} onClear={() => ask("/panel/clear_faults")} />
      <Other panel={panel} busy={busy} onArm={arm} />
      <Refusal>{refusal}</Refusal>
    </>
  );
}

function Armed({ panel, busy, onClear }) {
  return (
    <div className="armed" role="status" aria-label="Armed faults">
      {panel.armed.length === 0 ? (
        <p className="director-quiet">Nothing is armed: everything works.</p>
      ) : (
        <>
          <ul>
            {panel.armed.map((fault, index) => (
              <li key={`${fault.endpoint_id} ${fault.fault_id} ${index}`}>
                <b>Armed:</b> {fault.label}
                <span className="armed-where">{labelOf(panel, fault.endpoint_id)}</span>
              </li>
            ))}
          </ul>
          <button type="button" disabled={busy} onClick={onClear}>Clear all</button>
        </>
      )}
    </div>
  );
}

function labelOf(panel, id) {
  const endpoint = panel.endpoints.find((each) => each.id === id);
  return endpoint ? `${SELLERS[endpoint.provider] ?? endpoint.provider}, ${endpoint.label}` : id;
}

function Other({ panel, busy, onArm }) {
  const [chosen, setChosen] = useKept("endpoint", null);
  const [wanted, setFault] = useKept("fault", null);
  const [endpointId, faultId] = [useId(), useId()];
  const endpoint = panel.endpoints.find((each) => each.id === chosen) ?? panel.endpoints[0];
  if (!endpoint) return null;
  const faults = panel.faults.filter((each) => fits(each, endpoint));
  const fault = faults.find((each) => each.id === wanted) ?? faults[0];
  const providers = [...new Set(panel.endpoints.map((each) => each.provider))];
  function armed(event) {
    event.preventDefault();
    if (fault) onArm(endpoint.id, fault.id);
  }
  return (
    <form className="fault-form" onSubmit={armed}>
      <label htmlFor={endpointId}>Next call of</label>
      <select id={endpointId} value={endpoint.id} onChange={(event) => setChosen(event.target.value)}>
        {providers.map((provider) => (
          <optgroup key={provider} label={SELLERS[provider] ?? provider}>
            {panel.endpoints.filter((each) => each.provider === provider).map((each) => (
              <option key={each.id} value={each.id}>{each.label}</option>
            ))}
          </optgroup>
        ))}
      </select>
      <label htmlFor={faultId}>goes wrong</label>
      <select id={faultId} value={fault?.id ?? ""} onChange={(event) => setFault(event.target.value)}>
        {faults.map((each) => (
          <option key={each.id} value={each.id}>{each.label}</option>
        ))}
      </select>
      <button disabled={busy || !fault}>Arm it</button>
    </form>
  );
}

/** `for` says to what it can happen: "all", or providers and endpoints with commas between. */
const fits = (fault, endpoint) =>
  fault.for.split(", ").some((each) => ["all", endpoint.provider, endpoint.id].includes(each));
