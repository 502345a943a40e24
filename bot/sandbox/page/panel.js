// The panel beside the workspace: charges, faults, the bot.
import { byId, make } from "./dom.js";
import { post } from "./server.js";

let drawn = "";

export function showPanel(panel, zone) {
  const now = JSON.stringify([panel, zone]);
  if (now === drawn) return;
  drawn = now;
  byId("charge-count").textContent = String(panel.charges.length);
  byId("charges").replaceChildren(...panel.charges.map((charge) => {
    const at = new Date(charge.at).toLocaleTimeString("en-US", { timeZone: zone });
    return make("li", {}, `${charge.what} · ${charge.seller} · ${at}`);
  }));
  const [[day, ofDay], [month, ofMonth]] = [panel.limits.daily, panel.limits.monthly];
  byId("limits").textContent = `Sendblue's limits: ${day} of ${ofDay} today, ${month} of ${ofMonth} in 30 days.`;
  if (!byId("fault").options.length) {
    byId("fault").append(...panel.fault_choices.map(([key, label]) => make("option", { value: key }, label)));
  }
  byId("waiting").textContent = panel.waiting_faults.length ? `Armed: ${panel.waiting_faults.join(", ")}` : "Nothing is armed.";
  const seconds = byId("preview-seconds");
  if (document.activeElement !== seconds) seconds.value = panel.preview_seconds;
  const { bot } = panel;
  byId("bot-news").textContent = bot.news;
  byId("bot-state").textContent = bot.pid ? `Bot: ${bot.state}, process ${bot.pid}` : `Bot: ${bot.state}`;
  byId("bot-state").dataset.state = bot.state;
  byId("kill").disabled = !["ready", "starting"].includes(bot.state);
}

export function wirePanel(tell) {
  const turn = async (knob, args) => tell((await post(`/panel/${knob}`, args)).error ?? "");
  byId("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    turn("fault", { fault: byId("fault").value, seller: byId("seller").value });
  });
  byId("clear-faults").addEventListener("click", () => turn("clear_faults"));
  byId("preview-form").addEventListener("submit", (event) => {
    event.preventDefault();
    turn("preview_seconds", { seconds: Number(byId("preview-seconds").value) });
  });
  byId("kill").addEventListener("click", () => turn("kill"));
  if (matchMedia("(max-width: 60rem)").matches) byId("panel").open = false;
}
