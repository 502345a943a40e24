// Using an element of a block: ask first where the app wants that, then tell the app.
import { createContext, useContext } from "react";
import { post } from "../server.js";

const ActContext = createContext(null);
export const ActProvider = ActContext.Provider;

/** act(element, block, value, source, began): `source` is the message or view it stands in; `began` is
 * called once the app is about to be told. */
export const useAct = () => useContext(ActContext);

/** Makes `act` for one person; `ask(confirm)` resolves to whether they go ahead, `tell` takes errors. */
export function actingAs(me, ask, tell) {
  return async (element, block, value, source, began) => {
    if (/^https?:/.test(element.url ?? "")) window.open(element.url, "_blank", "noreferrer");
    if (element.confirm && !(await ask(element.confirm))) return;
    began?.();
    const isMessage = "ts" in source;
    const where = isMessage ? { channel: source.channel, ts: source.ts } : { view_id: source.id };
    const said = { user: me, action_id: element.action_id, block_id: block.block_id, value };
    const answer = await post(isMessage ? "/act/click" : "/act/click_view", { ...said, ...where });
    tell(answer.error ?? "");
  };
}
