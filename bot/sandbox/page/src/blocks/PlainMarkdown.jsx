// Stands in for react-markdown: the text as it was written.
export default function PlainMarkdown({ children }) {
  return <div className="as-written">{children}</div>;
}
