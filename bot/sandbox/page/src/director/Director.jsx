// Beside the workspace: what really happened, and everything that can be made to happen.
import { BotControl, BotState } from "./BotControl.jsx";
import { Clock } from "./Clock.jsx";
import { Faults } from "./Faults.jsx";
import { Ledger } from "./Ledger.jsx";
import { Lives } from "./Lives.jsx";
import { Section } from "./Section.jsx";
import { World } from "./World.jsx";
import { span } from "./words.js";
import "./director.css";

/** `state` is the whole of GET /state; `zone` the time zone of whoever is acted as. */
export function Director({ state, zone }) {
  const { panel, users } = state;
  const armed = panel.armed.length;
  return (
    <div className="director">
      <Ledger panel={panel} zone={zone} />
      <Section name="lives" title="Lives" aside={counted(panel.purchase_count.all)} startsOpen>
        <Lives panel={panel} users={users} zone={zone} />
      </Section>
      <Section name="faults" title="Let something go wrong" aside={armed > 0 ? `${armed} armed` : ""} startsOpen>
        <Faults panel={panel} />
      </Section>
      <Section name="bot" title="The bot" aside={<BotState bot={panel.bot} />}>
        <BotControl bot={panel.bot} />
      </Section>
      <Section name="time" title="Time" aside={panel.skipped_seconds > 0 ? `${span(panel.skipped_seconds)} skipped` : ""}>
        <Clock panel={panel} zone={zone} />
      </Section>
      <Section name="world" title="The world" aside="prices, stock, limits">
        <World panel={panel} />
      </Section>
    </div>
  );
}

const counted = (count) => (count === 0 ? "" : count === 1 ? "1 purchase" : `${count} purchases`);
