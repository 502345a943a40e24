// One request to the sandbox at a time, and what the sandbox said when it refused.
import { useState } from "react";
import { post } from "../server.js";

/** [ask, {busy, refusal}]: `ask(path, args)` resolves to true when it was done. */
export function useRequest() {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  async function ask(path, args = {}) {
    setBusy(true);
    const answer = await post(path, args);
    setBusy(false);
    setRefusal(answer.error ?? "");
    return !answer.error;
  }
  return [ask, { busy, refusal }];
}
