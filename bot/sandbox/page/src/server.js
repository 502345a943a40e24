// Talking to the page's server. Every POST carries the header that only this page sends.

/** GET /state, or null when nobody of that id works there. */
export async function fetchState(user) {
  const response = await fetch(`/state?as=${encodeURIComponent(user)}`);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** Resolves to the server's answer; its `error` is a sentence for the person at the page. */
export async function post(path, args = {}) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Dialtone-Sandbox": "page" },
      body: JSON.stringify(args),
    });
    if (response.ok || response.status === 409) return await response.json();
    return { error: `The sandbox answered ${response.status}.` };
  } catch {
    return { error: "The sandbox is not running any more." };
  }
}

/** Calls `changed` whenever there is something new, `lost(true)` when the sandbox has gone away. */
export function listen(changed, lost) {
  const events = new EventSource("/events");
  events.onmessage = () => {
    lost(false);
    changed();
  };
  events.onerror = () => lost(true);
  return () => events.close();
}
