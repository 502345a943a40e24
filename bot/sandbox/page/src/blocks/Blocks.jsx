// Block Kit: what can be pressed or filled in is ours, because the library has no callbacks; most of
// what is only looked at is the library's.
import { memo, useLayoutEffect, useRef } from "react";
import { DataTable } from "./DataTable.jsx";
import { Drawn, Text } from "./Drawn.jsx";
import { Element } from "./Element.jsx";
import { InputBlock } from "./InputBlock.jsx";

export const Blocks = memo(function Blocks({ blocks }) {
  return (
    <div className="blocks">
      {blocks.map((block) => {
        const Block = OURS[block.type] ?? (LIBRARYS.has(block.type) ? Drawn : Unknown);
        return <Block key={block.block_id} block={block} />;
      })}
    </div>
  );
});

const LIBRARYS = new Set(["rich_text", "table", "markdown", "alert", "card"]);

function Section({ block }) {
  const { text, fields, accessory } = block;
  return (
    <div className="section">
      <div className="section-words">
        {text && <Text text={text} />}
        {fields && <div className="fields">{fields.map((field, index) => <Text key={index} text={field} />)}</div>}
      </div>
      {accessory && <div className="accessory"><Element element={accessory} block={block} /></div>}
    </div>
  );
}

const Heading = ({ block }) => <h3 className="heading"><Text text={block.text} /></h3>;
const Divider = () => <hr />;

function Context({ block }) {
  return (
    <div className="context">
      {block.elements.map((each, index) =>
        each.type === "image" ? <Picture key={index} block={each} /> : <Text key={index} text={each} />)}
    </div>
  );
}

function Actions({ block }) {
  return (
    <div className="actions">
      {block.elements.map((each) => <Element key={each.action_id} element={each} block={block} />)}
    </div>
  );
}

/** On a phone it is wider than the screen, and scrolls. */
function Chart({ block }) {
  const chart = useRef(null);
  useLayoutEffect(() => {
    const isWhole = (block.chart.series ?? []).every(({ data }) => data.every(({ value }) => Number.isInteger(value)));
    for (const label of chart.current.querySelectorAll("svg g > line + text")) {
      // The library's axis knows no whole things: there are no 0.2 purchases.
      label.parentNode.style.display = isWhole && label.textContent.includes(".") ? "none" : "";
    }
  });
  return <div ref={chart} className="chart scroll" role="group" aria-label={block.title} tabIndex={0}><Drawn block={block} /></div>;
}

/** Pictures are elsewhere, and this page loads nothing from elsewhere. */
const Picture = ({ block }) => <p className="placeholder">Picture: {block.alt_text}</p>;
const Unknown = ({ block }) => <p className="placeholder">A block of type {block.type} is not drawn here.</p>;

const OURS = {
  section: Section,
  header: Heading,
  divider: Divider,
  context: Context,
  actions: Actions,
  image: Picture,
  input: InputBlock,
  data_table: DataTable,
  data_visualization: Chart,
};
