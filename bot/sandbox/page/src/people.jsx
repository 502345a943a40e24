// Who and what there is to name: people, channels, user groups, and who is looking.
import { createContext, useContext } from "react";

const PeopleContext = createContext(null);
export const PeopleProvider = PeopleContext.Provider;
export const usePeople = () => useContext(PeopleContext);

const SLACKBOT = { id: "USLACKBOT", name: "slackbot", real_name: "Slackbot", is_bot: true, title: "" };

/** Everybody and everything by id; `zone` is the time zone of whoever is acted as. */
export function peopleOf({ users, channels, groups }, me) {
  const byId = (list) => new Map(list.map((each) => [each.id, each]));
  const known = byId([...users, SLACKBOT]);
  return {
    me,
    zone: known.get(me)?.tz,
    users: known,
    channels: byId(channels),
    groups: byId(groups),
    userNamed: (id) => known.get(id) ?? { id, name: id, real_name: id, is_bot: false, title: "" },
  };
}

export const initialsOf = (name) => name.split(/\s+/).slice(0, 2).map((part) => part[0]).join("");
