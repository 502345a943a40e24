// The app's Home tab.
import { useMemo } from "react";
import { Blocks } from "../blocks/Blocks.jsx";
import { InteractionProvider } from "../blocks/interaction.jsx";
import { useAct } from "./acting.jsx";

export function HomeTab({ home }) {
  const act = useAct();
  const interaction = useMemo(
    () => ({ state: home?.state, act: (element, block, value, began) => act(element, block, value, home, began) }),
    [act, home],
  );
  return (
    <div className="home" role="tabpanel" id="panel-home" aria-labelledby="tab-home" tabIndex={0}>
      {home ? (
        <InteractionProvider value={interaction}><Blocks blocks={home.body.blocks} /></InteractionProvider>
      ) : <p className="empty">Dialtone has not drawn its Home yet.</p>}
    </div>
  );
}
