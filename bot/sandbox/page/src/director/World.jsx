// How both providers behave: what they have, what they allow, and how they answer.
import { Knob } from "./Knob.jsx";
import { Refusal } from "./Section.jsx";
import { useRequest } from "./useRequest.js";

const SELLS = { sendblue: "Sendblue sells lines (/line)", magpipe: "Magpipe sells numbers (/number)" };
const RARE = /shape|style|_fails$|errors_as_200|is_carrier_configured|auto_recharge/;

export function World({ panel }) {
  const [ask, { busy, refusal }] = useRequest();
  const set = (id, value) => ask("/panel/set", { id, value });
  const draw = (knob) => <Knob key={knob.id} knob={knob} busy={busy} onSet={set} />;
  const providers = [...new Set(panel.knobs.map((knob) => knob.provider))];
  return (
    <>
      {providers.map((provider) => {
        const knobs = panel.knobs.filter((knob) => knob.provider === provider);
        const rare = knobs.filter((knob) => RARE.test(knob.id));
        return (
          <fieldset key={provider} className="world">
            <legend>{SELLS[provider] ?? provider}</legend>
            {knobs.filter((knob) => !rare.includes(knob)).map(draw)}
            {rare.length > 0 && (
              <details>
                <summary>Answer shapes and rarer things</summary>
                {rare.map(draw)}
              </details>
            )}
          </fieldset>
        );
      })}
      <Refusal>{refusal}</Refusal>
    </>
  );
}
