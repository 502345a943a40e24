// What could be meant by what is typed so far.

/**
 * [{ text, hint, insert }]: the commands and their forms (from `commands` of /state), or people and
 * channels where the last word begins with @ or #. `insert` is the whole text afterwards.
 */
export function completions(typed, { commands, users, groups, channels }) {
  const word = /(^|\s)([@#])([\w.-]*)$/.exec(typed);
  if (word) return names(typed, word, { users, groups, channels });
  if (!typed.startsWith("/")) return [];
  const wanted = typed.toLowerCase();
  const names_ = commands.map(({ name, description }) => ({ text: name, hint: description, insert: `${name} ` }));
  const forms = commands.flatMap(({ completions: all = [] }) =>
    all.map(({ text, hint }) => ({ text, hint: hint ?? "", insert: hint ? `${text} ` : text })));
  return [...names_, ...forms]
    .filter(({ text, insert }) => text.toLowerCase().startsWith(wanted) && insert.trim().toLowerCase() !== wanted.trim());
}

function names(typed, [, , mark, begun], { users, groups, channels }) {
  const before = typed.slice(0, typed.length - begun.length - 1);
  const people = users.filter((user) => !user.is_bot).map((user) => ({ name: user.name, hint: `${user.real_name}, ${user.title}` }));
  const teams = groups.map((group) => ({ name: group.handle, hint: "user group" }));
  const places = channels.filter((each) => !each.is_im).map(({ name }) => ({ name, hint: "" }));
  return (mark === "@" ? [...people, ...teams] : places)
    .filter(({ name, hint }) => `${name} ${hint}`.toLowerCase().split(/\s+/).some((part) => part.startsWith(begun.toLowerCase())))
    .filter(({ name }) => name !== begun)
    .map(({ name, hint }) => ({ text: `${mark}${name}`, hint, insert: `${before}${mark}${name} ` }))
    .slice(0, 8);
}
