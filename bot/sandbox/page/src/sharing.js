// Every change is fetched as a whole; what has not changed keeps its identity, so that React leaves it.

/** `after` with every part that equals `before`'s replaced by that one. */
export function shared(before, after) {
  if (Object.is(before, after)) return before;
  if (typeof before !== "object" || typeof after !== "object" || !before || !after) return after;
  if (Array.isArray(before) !== Array.isArray(after)) return after;
  const names = Object.keys(after);
  let isSame = names.length === Object.keys(before).length;
  const made = Array.isArray(after) ? [] : {};
  for (const name of names) {
    made[name] = name in before ? shared(before[name], after[name]) : after[name];
    if (!(name in before) || made[name] !== before[name]) isSame = false;
  }
  return isSame ? before : made;
}
