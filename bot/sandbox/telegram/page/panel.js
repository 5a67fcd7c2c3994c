// The panel beside the phone: move the market, break things, hurry the clock.
import { find, make, post } from "./dom.js";
import { toast } from "./sheet.js";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"];
const JUMPS = [-10, -2, 2, 10];
const SPEEDS = [1, 10, 60, 600];
const WIDTH = 10;

const EXCHANGE = [
  ["Cut the stream", { name: "drop_socket" }], ["Silence the stream 30 s", { name: "silent_socket", for: 30 }],
  ["Lose the next answer", { name: "accept_then_silence", times: 1 }],
  ["Refuse the next order", { name: "reject_next", code: "40762", times: 1 }],
  ["Answer 2 s late, 30 s long", { name: "slow", ms: 2000, for: 30 }], ["Down for 20 s", { name: "http_5xx", for: 20 }],
];
const TELEGRAM = [
  ["Take down 30 s", { name: "telegram_down", for: 30 }], ["Flood wait 20 s", { name: "telegram_flood", s: 20 }],
  ["Lose the next answer", { name: "telegram_lost_answer", method: "sendMessage", times: 1 }],
  ["Slow 2 s, 30 s long", { name: "telegram_slow", ms: 2000, for: 30 }],
];

const state = { reference: new Map(), dragging: null, sent: 0, exchange: [], telegram: [], speed: 1 };

async function ask(path, body, done) {
  try {
    const answer = await post(path, body);
    if (done) done(answer);
    return answer;
  } catch (problem) {
    toast(problem.message);
    return null;
  }
}

const digits = (price) => (price >= 1000 ? 1 : price >= 10 ? 3 : 5);
const button = (text, onclick, kind = "") => make("button", { type: "button", class: `tool ${kind}`, onclick }, text);

function priceOf(answer) {
  const price = Number(answer?.price ?? answer?.last ?? answer);
  return Number.isFinite(price) ? price : null;
}

function setPrice(symbol, price) {
  const row = find(`row-${symbol}`);
  if (!row || price === null) return;
  row.querySelector("output").textContent = price.toLocaleString("en", { minimumFractionDigits: digits(price), maximumFractionDigits: digits(price) });
  if (state.dragging !== symbol) state.reference.set(symbol, price);
}

async function drag(symbol, slider, released) {
  const percent = Number(slider.value);
  state.dragging = symbol;
  const reference = state.reference.get(symbol);
  slider.setAttribute("aria-valuetext", `${percent > 0 ? "+" : ""}${percent} percent`);
  const now = performance.now();
  if (!released && now - state.sent < 120) return;
  state.sent = now;
  if (reference) {
    const price = (reference * (1 + percent / 100)).toFixed(digits(reference));
    await ask("exchange/price", { symbol, price }, (answer) => setPrice(symbol, priceOf(answer) ?? Number(price)));
  } else if (released && percent) {
    await ask("exchange/price", { symbol, move: percent }, (answer) => setPrice(symbol, priceOf(answer)));
  }
  if (released) {
    state.dragging = null;
    state.reference.delete(symbol);
    slider.value = 0;
    refresh();
  }
}

function market(symbol) {
  const slider = make("input", { type: "range", min: -WIDTH, max: WIDTH, step: 0.1, value: 0, "aria-label": `Drag the price of ${symbol}`,
    oninput: (event) => drag(symbol, event.target, false), onchange: (event) => drag(symbol, event.target, true) });
  const jump = (percent) => button(`${percent > 0 ? "+" : "−"}${Math.abs(percent)}%`, () =>
    ask("exchange/price", { symbol, move: percent }, (answer) => setPrice(symbol, priceOf(answer))));
  return make("div", { class: "market", id: `row-${symbol}` },
    make("div", { class: "quote" }, make("b", {}, symbol), make("output", { "aria-live": "off" }, "–")),
    slider, make("div", { class: "tools" }, JUMPS.map(jump)));
}

function section(title, ...children) {
  return make("section", {}, make("h2", {}, title), ...children);
}

const FAULT_PATH = { exchange: "exchange/fault", telegram: "telegram/fault" };

function faults(part, title, list) {
  const set = (fault) => ask(FAULT_PATH[part], fault, (answer) => showFaults(part, answer.active));
  return section(title,
    make("div", { class: "tools" }, list.map(([text, fault]) => button(text, () => set(fault))),
      button("Clear", () => set({ name: "clear" }), "clear")),
    make("p", { class: "active", id: `active-${part}`, role: "status" }));
}

function showFaults(part, list) {
  state[part] = Array.isArray(list) ? list : [];
  paintFaults();
}

function paintFaults() {
  for (const part of ["exchange", "telegram"]) {
    state[part] = state[part].filter((f) => !f.until || f.until > Date.now());
    const words = state[part].map((f) => {
      const left = f.until ? ` ${Math.ceil((f.until - Date.now()) / 1000)} s` : "";
      return `${(f.name ?? String(f)).replaceAll("_", " ")}${left}${f.times ? ` ×${f.times}` : ""}`;
    });
    const element = find(`active-${part}`);
    const text = words.length ? `Active: ${words.join(", ")}` : "";
    if (element && element.textContent !== text) element.textContent = text;
  }
  const count = state.exchange.length + state.telegram.length;
  find("pulse").textContent = count ? `${count} fault${count > 1 ? "s" : ""} active` : state.speed > 1 ? `${state.speed}× time` : "";
}

function speeds() {
  const choose = (factor) => ask("exchange/speed", { factor }, () => {
    state.speed = factor;
    for (const one of document.querySelectorAll("[data-speed]")) one.setAttribute("aria-pressed", String(Number(one.dataset.speed) === factor));
    paintFaults();
  });
  const buttons = SPEEDS.map((factor) => {
    const one = button(`${factor}×`, () => choose(factor));
    one.dataset.speed = factor;
    one.setAttribute("aria-pressed", String(factor === 1));
    return one;
  });
  return section("Market clock", make("div", { class: "tools" }, buttons, button("+1 hour", () => ask("exchange/time", { advance: 3600 }, () => toast("The market is one hour further.")))));
}

function phoneSection(me) {
  let blocked = false;
  const block = button("Block the bot", () => ask(`telegram/people/${me()}/mood`, { mood: blocked ? "active" : "blocked" }));
  document.addEventListener("around", (event) => {
    blocked = event.detail.blocked;
    block.textContent = blocked ? "Unblock the bot" : "Block the bot";
  });
  const add = button("Add a stranger", () => ask("people", { name: `guest ${document.querySelectorAll("#people button").length - 2}` }));
  return section("This phone", make("div", { class: "tools" }, block, add));
}

function notesSection() {
  const list = make("dl", { class: "notes", id: "notes" });
  document.addEventListener("around", (event) => {
    const json = JSON.stringify(event.detail.notes ?? {});
    if (list.dataset.json === json) return;
    list.dataset.json = json;
    list.replaceChildren(...Object.entries(event.detail.notes ?? {}).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  });
  return list;
}

async function refresh() {
  if (!find("panel").open || document.hidden) return;
  try {
    const { prices } = await (await fetch("telegram/market")).json();
    if (!prices) return;
    for (const [symbol, price] of Object.entries(prices)) {
      if (!find(`row-${symbol}`)) find("markets").append(market(symbol));
      if (state.dragging !== symbol) setPrice(symbol, Number(price));
    }
  } catch { /* the feed's own status already says that the sandbox is gone */ }
}

/** Build the panel; `me` gives the id of the person holding the phone. */
export function startPanel(me) {
  const wide = matchMedia("(min-width: 900px)");
  find("panel").open = wide.matches;
  wide.addEventListener("change", () => { find("panel").open = wide.matches; });
  find("inside").append(
    section("Market", make("div", { id: "markets" }, SYMBOLS.map(market))), speeds(),
    faults("exchange", "Exchange faults", EXCHANGE), faults("telegram", "Telegram faults", TELEGRAM), phoneSection(me), notesSection());
  document.addEventListener("around", (event) => showFaults("telegram", event.detail.faults));
  find("panel").addEventListener("toggle", refresh);
  setInterval(refresh, 1000);
  setInterval(paintFaults, 1000);
  refresh();
}
