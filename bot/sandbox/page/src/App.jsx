import { useCallback, useEffect, useRef, useState } from "react";
import { Director } from "./director/Director.jsx";
import { fetchState, listen, post } from "./server.js";
import { setServerNow } from "./time.js";
import { Tour } from "./tour/Tour.jsx";

export function App() {
  const [world, setWorld] = useState(null);
  const [me, setMe] = useState("U0RILEY001");
  const [channel, go] = useState("C0PHONES01");
  const [text, type] = useState("");
  useEffect(() => listen(async () => {
    const fetched = await fetchState(me);
    setServerNow(fetched.now);
    setWorld(fetched);
  }, () => {}), [me]);
  if (!world) return null;
  const zone = world.users.find((user) => user.id === me).tz;
  const shared = { world, state: world, panel: world.panel, me, zone, setMe, channel, go, type, post };
  return (
    <>
      <Tour {...shared} />
      <pre>{JSON.stringify(world.messages[channel], null, 1)}</pre>
      <Director {...shared} />
    </>
  );
}
