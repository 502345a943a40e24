// The `data_table` block: https://docs.slack.dev/reference/block-kit/blocks/data-table-block
// Sorted by a press on a heading, in pages of `page_size`.
import { useState } from "react";
import { Drawn } from "./Drawn.jsx";

export function DataTable({ block }) {
  const [headings, ...rows] = block.rows;
  const size = block.page_size ?? rows.length;
  const [order, setOrder] = useState(null); // { column, isFalling }
  const [page, setPage] = useState(0);
  const sorted = order ? rows.toSorted((one, other) => compared(one, other, order)) : rows;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const shown = Math.min(page, pages - 1);
  const sort = (column) => {
    setOrder(order?.column === column ? { column, isFalling: !order.isFalling } : { column, isFalling: false });
    setPage(0);
  };
  return (
    <div className="data-table">
      <div className="scroll" role="group" aria-label={`Table: ${block.caption}`} tabIndex={0}>
        <table>
          <caption>{block.caption}</caption>
          <thead>
            <tr>
              {headings.map((cell, column) => (
                <th key={column} scope="col" className={kind(rows, column)} aria-sort={sortedHow(order, column)}>
                  <button type="button" onClick={() => sort(column)}>{plain(cell)}</button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.slice(shown * size, (shown + 1) * size).map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => {
                  const Cell = column === (block.row_header_column_index ?? -1) ? "th" : "td";
                  return (
                    <Cell key={column} scope={Cell === "th" ? "row" : undefined} className={kind(rows, column)}>
                      {cell.type === "rich_text" ? <Drawn block={cell} /> : plain(cell)}
                    </Cell>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <div className="pager">
          <button type="button" className="button small" disabled={shown === 0} onClick={() => setPage(shown - 1)}>Previous</button>
          <span>Page {shown + 1} of {pages}</span>
          <button type="button" className="button small" disabled={shown === pages - 1} onClick={() => setPage(shown + 1)}>Next</button>
        </div>
      )}
    </div>
  );
}

const plain = (cell) => String(cell.text ?? cell.value);
const kind = (rows, column) => (rows.every((row) => row[column].type === "raw_number") ? "number" : undefined);

function sortedHow(order, column) {
  if (order?.column !== column) return undefined;
  return order.isFalling ? "descending" : "ascending";
}

/** What a cell is sorted by: its number, its instant, or its words. */
function weight(cell) {
  if (cell.type === "raw_number") return cell.value;
  if (cell.type !== "rich_text") return plain(cell);
  const parts = cell.elements.flatMap((each) => each.elements ?? []);
  return parts.find((part) => part.type === "date")?.timestamp ?? parts.map((part) => part.text ?? part.user_id ?? "").join("");
}

function compared(one, other, { column, isFalling }) {
  const [a, b] = [weight(one[column]), weight(other[column])];
  const way = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  return isFalling ? -way : way;
}
