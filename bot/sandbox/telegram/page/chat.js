// The phone: who I am, which chat, what is in it, kept live by server-sent events.
import { copy, find, make, post } from "./dom.js";
import { Composer } from "./composer.js";
import { draw, firstLine, present, tick } from "./message.js";
import { startPanel } from "./panel.js";
import { alertBox, menu, toast } from "./sheet.js";

const REACTIONS = ["👍", "👎", "🔥", "👀", "🤔", "🙏"];
const ACTIONS = { typing: "typing…", upload_photo: "sending a photo…", upload_document: "sending a file…" };

const phone = {
  me: 0, chat: null, messages: new Map(), names: new Map(), people: [], around: {}, feed: null,
  seen: new Map(), fresh: 0, drawnDay: "", peopleJson: "", chatsJson: "",
};

const composer = new Composer((text, context) => say(text, context));
composer.lastOwn = () => [...phone.messages.values()].filter((m) => m.from === phone.me && !m.forwarded_from && !m.deleted).at(-1);

async function attempt(work) {
  try { return await work(); } catch (problem) { toast(problem.message); return null; }
}

const inChat = (body) => (phone.chat && phone.chat !== phone.me ? { ...body, chat: phone.chat } : body);

async function say(text, context = null) {
  const body = { text };
  if (context?.kind === "reply") body.reply_to = context.message.message_id;
  if (context?.kind === "edit") body.edit_of = context.message.message_id;
  toEnd(true);
  return attempt(() => post(`people/${phone.me}/say`, inChat(body)));
}

async function tap(message, button) {
  const answer = await attempt(() => post(`people/${phone.me}/tap`, inChat({ message_id: message.message_id, data: button.data })));
  if (!answer) return;
  if (!answer.answered) toast("The bot did not answer this press.");
  else if (answer.text) (answer.alert ? alertBox : toast)(answer.text);
}

function actions(message) {
  const mine = message.from === phone.me;
  const call = (path, body) => attempt(() => post(`telegram/people/${phone.me}/${path}`, inChat({ message_id: message.message_id, ...body })));
  const choices = [["Reply", () => composer.reply(message)]];
  if (message.text) choices.push(["Copy text", () => { copy(message.text); toast("Copied"); }]);
  if (mine && !message.forwarded_from) choices.push(["Edit", () => composer.edit(message)]);
  if (!message.protected) {
    for (const chat of phone.around.chats ?? []) {
      choices.push([`Forward to ${chat.title}`, () => call("forward", { to: chat.id })]);
    }
  }
  if (mine || phone.around.kind === "private") choices.push(["Delete", () => call("delete", {}), "danger"]);
  menu("Message actions", choices, REACTIONS, (emoji) => call("react", { emoji }));
}

function jump(id) {
  const element = present(id);
  if (!element) { toast("This message is gone."); return; }
  element.scrollIntoView({ block: "center" });
  element.classList.remove("found");
  requestAnimationFrame(() => element.classList.add("found"));
}

const acts = { say: (text) => say(text), tap, menu: actions, jump };

const atEnd = () => { const log = find("log"); return log.scrollHeight - log.scrollTop - log.clientHeight < 80; };

function toEnd(force) {
  const log = find("log");
  if (force) { log.scrollTop = log.scrollHeight; phone.fresh = 0; }
  find("down").hidden = atEnd();
  find("fresh").textContent = phone.fresh ? String(phone.fresh) : "";
}

function place(message) {
  const log = find("log");
  const old = present(message.message_id);
  if (message.deleted) { old?.remove(); phone.messages.delete(message.message_id); return; }
  const known = phone.messages.has(message.message_id);
  phone.messages.set(message.message_id, message);
  const element = draw(message, phone.me, phone.names, phone.around.kind !== "private", acts);
  if (old) { keepFolds(old, element); old.replaceWith(element); return; }
  const day = new Date(message.date * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  if (day !== phone.drawnDay) log.append(make("p", { class: "service day" }, day));
  phone.drawnDay = day;
  log.append(element);
  if (!known && message.from !== phone.me && !message.service) phone.fresh += 1;
}

/** An edit must not fold what somebody has opened, nor steal the focus from a button. */
function keepFolds(old, element) {
  const open = old.querySelectorAll(".unfold[aria-expanded=true]").length;
  if (open) element.querySelectorAll(".unfold").forEach((button) => button.click());
  const focused = old.contains(document.activeElement) ? document.activeElement.textContent : null;
  if (focused === null) return;
  queueMicrotask(() => {
    const same = [...element.querySelectorAll("button")].find((button) => button.textContent === focused);
    (same ?? element).focus({ preventScroll: true });
  });
}

function showPinned() {
  const pinned = [...phone.messages.values()].filter((m) => m.pinned).at(-1);
  const bar = find("pinned");
  bar.hidden = !pinned;
  if (!pinned) return;
  bar.replaceChildren(make("b", {}, "Pinned message"), make("span", {}, firstLine(pinned)));
  bar.onclick = () => jump(pinned.message_id);
}

function showPeople(people) {
  for (const person of people) {
    if (person.id === phone.me) phone.seen.set(person.id, person.last);
    else if (!phone.seen.has(person.id)) phone.seen.set(person.id, person.last);
  }
  const shown = people.map((p) => [p.id, p.name, p.last > phone.seen.get(p.id)]);
  const json = JSON.stringify([phone.me, shown]);
  if (json === phone.peopleJson) return;
  phone.peopleJson = json;
  phone.people = people;
  const focused = find("people").contains(document.activeElement);
  find("people").replaceChildren(...shown.map(([id, name, unread]) => make("button", {
    type: "button", role: "radio", "aria-checked": String(id === phone.me), tabindex: id === phone.me ? 0 : -1,
    onclick: () => become(id), onkeydown: walk,
  }, name, unread ? make("i", { class: "dot", "aria-label": "has new messages" }) : null)));
  if (focused) find("people").querySelector("[aria-checked=true]")?.focus();
}

function walk(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = phone.people.findIndex((p) => p.id === phone.me);
  become(phone.people[(at + step + phone.people.length) % phone.people.length].id);
}

function showChats(chats) {
  const json = JSON.stringify([chats, phone.chat]);
  if (json === phone.chatsJson) return;
  phone.chatsJson = json;
  const select = find("chats");
  select.closest("label").hidden = chats.length < 2;
  select.replaceChildren(...chats.map((c) => make("option", { value: c.id, selected: c.id === phone.around.chat }, c.title)));
}

let quiet = 0;
function showStatus() {
  const { action, draft, blocked } = phone.around;
  clearTimeout(quiet);
  const doing = draft ? `writing: ${draft.slice(0, 40)}` : ACTIONS[action] ?? (action ? `${action.replaceAll("_", " ")}…` : "");
  find("status").textContent = blocked ? "blocked by you" : doing || (phone.around.kind === "private" ? "bot" : "group");
  if (action) quiet = setTimeout(() => { phone.around.action = null; showStatus(); }, 5000);
}

function receive(event) {
  const got = JSON.parse(event.data);
  const { messages, cursor, ...around } = got;
  const first = phone.messages.size === 0;
  const stay = !atEnd();
  phone.around = around;
  phone.names = new Map([[around.bot.id, around.bot.first_name], ...around.people.map((p) => [p.id, p.name])]);
  find("title").textContent = around.title;
  find("avatar").textContent = around.title.slice(0, 1);
  const news = messages.filter((m) => !phone.messages.has(m.message_id) && m.from !== phone.me && !m.deleted);
  const empty = find("log").querySelector(".empty");
  if (empty && messages.length) empty.remove();
  messages.forEach(place);
  if (first && !messages.length && !empty) welcome(around);
  if (!first && news.length) find("spoken").textContent = news.map(firstLine).join(". ");
  if (first) phone.fresh = 0;
  showPeople(around.people);
  showChats(around.chats);
  showPinned();
  showStatus();
  composer.commands = around.commands;
  find("menu").hidden = !around.commands.length;
  composer.keyboard(around.keyboard);
  toEnd(first || !stay);
  document.dispatchEvent(new CustomEvent("around", { detail: around }));
}

function welcome(around) {
  find("log").replaceChildren(make("div", { class: "empty" },
    make("p", {}, around.description || "No messages here yet."),
    make("button", { type: "button", class: "key primary", onclick: () => say("/start") }, "Start")));
}

function become(id) {
  phone.me = id;
  phone.chat = null;
  sessionStorage.setItem("person", String(id));
  listen();
}

function listen() {
  phone.feed?.close();
  phone.messages.clear();
  phone.drawnDay = "";
  find("log").replaceChildren();
  composer.drop();
  find("toast").hidden = true;
  const query = new URLSearchParams({ person: phone.me });
  if (phone.chat) query.set("chat", phone.chat);
  phone.feed = new EventSource(`telegram/feed?${query}`);
  phone.feed.onmessage = receive;
  phone.feed.onerror = () => { find("status").textContent = "connecting…"; };
}

async function start() {
  const { people } = await (await fetch("people")).json();
  const remembered = Number(sessionStorage.getItem("person"));
  const wanted = new URLSearchParams(location.search).get("person");
  const chosen = people.find((p) => p.name === wanted) ?? people.find((p) => p.id === remembered) ?? people[0];
  find("chats").addEventListener("change", (event) => { phone.chat = Number(event.target.value); listen(); });
  find("log").addEventListener("scroll", () => { if (atEnd()) phone.fresh = 0; toEnd(false); }, { passive: true });
  find("down").addEventListener("click", () => toEnd(true));
  new ResizeObserver(() => { if (!phone.fresh) toEnd(true); }).observe(find("log"));
  setInterval(tick, 1000);
  startPanel(() => phone.me);
  become(chosen.id);
}

start().catch((problem) => { find("status").textContent = problem.message; });
