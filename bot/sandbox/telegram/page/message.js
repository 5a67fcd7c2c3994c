// Draw one message the way Telegram draws it. Text comes with entities whose offsets are UTF-16 units, like JavaScript's.
import { copy, find, make } from "./dom.js";
import { link, picture, toast } from "./sheet.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"]];

const clock = (unix) => new Date(unix * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Words for a relative moment: "in 30 s", "5 min ago". */
function relative(unix) {
  const left = unix - Math.floor(Date.now() / 1000);
  const size = Math.abs(left);
  if (size < 1) return "now";
  const [unit, name] = size < 120 ? [1, "s"] : UNITS.find(([seconds]) => size >= seconds);
  const words = `${Math.floor(size / unit)} ${name}`;
  return left > 0 ? `in ${words}` : `${words} ago`;
}

function moment(unix, format, fallback) {
  if (format === "r") return relative(unix);
  const options = {};
  if (format.includes("w")) options.weekday = "short";
  if (format.includes("d")) options.dateStyle = "short";
  if (format.includes("D")) options.dateStyle = "long";
  if (format.includes("t")) options.timeStyle = "short";
  if (format.includes("T")) options.timeStyle = "medium";
  if (!Object.keys(options).length) return fallback;
  if (!options.weekday) return new Date(unix * 1000).toLocaleString([], options);
  const day = new Date(unix * 1000).toLocaleDateString([], { weekday: "short" });
  const { weekday, ...rest } = options;
  return Object.keys(rest).length ? `${day}, ${new Date(unix * 1000).toLocaleString([], rest)}` : day;
}

/** Let every countdown on the page show the present. */
export function tick() {
  for (const element of document.querySelectorAll("time[data-unix]")) {
    const words = relative(Number(element.dataset.unix));
    if (element.textContent !== words) element.textContent = words;
  }
}

function wrap(entity, text, children, acts) {
  const inner = text.slice(entity.offset, entity.offset + entity.length);
  switch (entity.type) {
    case "code":
      return make("button", { type: "button", class: "code", title: "Copy", "aria-label": `Copy ${inner}`,
        onclick: () => { copy(inner); toast("Copied"); } }, inner);
    case "pre":
      return make("div", { class: "pre" }, make("pre", { tabindex: 0 }, inner),
        make("button", { type: "button", class: "copier", "aria-label": "Copy this table",
          onclick: () => { copy(inner); toast("Copied"); } }, make("span", { class: "pages", "aria-hidden": "true" })));
    case "spoiler":
      return spoiler(children);
    case "blockquote":
      return make("blockquote", {}, children);
    case "expandable_blockquote":
      return quote(inner, children);
    case "text_link":
    case "url": {
      const url = entity.url ?? (/^[a-z]+:\/\//i.test(inner) ? inner : `http://${inner}`);
      return make("a", { href: url, onclick: (event) => { event.preventDefault(); link(url); } }, children);
    }
    case "bot_command":
      return make("button", { type: "button", class: "command", onclick: () => acts.say(inner) }, inner);
    case "date_time": {
      const format = entity.date_time_format ?? "";
      const words = moment(entity.unix_time, format, inner);
      const full = new Date(entity.unix_time * 1000);
      return make("time", { datetime: full.toISOString(), title: full.toLocaleString(),
        "data-unix": format === "r" ? entity.unix_time : undefined }, words);
    }
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
    case "email":
      return make("span", { class: "tag" }, children);
    default:
      return TAGS[entity.type] ? make(TAGS[entity.type], {}, children) : make("span", {}, children);
  }
}

function spoiler(children) {
  const element = make("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": "Hidden text, press to show" },
    make("span", { "aria-hidden": "true" }, children));
  const show = () => {
    element.classList.add("shown");
    element.removeAttribute("aria-label");
    element.removeAttribute("role");
    element.firstChild.removeAttribute("aria-hidden");
  };
  element.addEventListener("click", show);
  element.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); } });
  return element;
}

function quote(inner, children) {
  const long = inner.split("\n").length > 3 || inner.length > 130;
  if (!long) return make("blockquote", {}, children);
  const body = make("div", { class: "folded" }, children);
  const toggle = make("button", { type: "button", class: "unfold", "aria-expanded": "false", onclick: () => {
    const open = body.classList.toggle("folded") === false;
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = open ? "Show less" : "Show more";
  } }, "Show more");
  return make("blockquote", {}, body, toggle);
}

/** Turn text and entities (outer ones first) into nodes. */
function formatted(text, entities, start, end, acts) {
  const nodes = [];
  let at = start;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    if (entity.offset < at) continue;
    const stop = Math.min(entity.offset + entity.length, end);
    const inner = entities.slice(i + 1).filter((e) => e.offset >= entity.offset && e.offset + e.length <= stop);
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    nodes.push(wrap(entity, text, formatted(text, inner, entity.offset, stop, acts), acts));
    at = stop;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return trimmed(nodes);
}

/** A block swallows the line break next to it, as on the phone. */
function trimmed(nodes) {
  const block = (node) => node instanceof HTMLElement && (node.className === "pre" || node.tagName === "BLOCKQUOTE");
  return nodes.map((node, i) => {
    if (typeof node !== "string") return node;
    let words = node;
    if (block(nodes[i + 1]) && words.endsWith("\n")) words = words.slice(0, -1);
    if (block(nodes[i - 1]) && words.startsWith("\n")) words = words.slice(1);
    return words;
  });
}

function keys(message, acts) {
  if (!message.buttons.length) return null;
  const one = (button) => make("button", {
    type: "button", class: `key ${button.style ?? ""}`, onclick: (event) => press(event.currentTarget, message, button, acts),
  }, make("span", {}, button.text), button.url || button.web_app ? make("i", { "aria-label": "opens a link" }, "↗") : null,
  button.copy ? make("i", { "aria-label": "copies" }, make("span", { class: "pages" })) : null);
  return make("div", { class: "keys", role: "group", "aria-label": "Buttons" },
    message.buttons.map((row) => make("div", { class: "row" }, row.map(one))));
}

async function press(element, message, button, acts) {
  if (button.copy) { copy(button.copy); toast("Copied"); return; }
  if (button.url || button.web_app) { link(button.url ?? button.web_app); return; }
  if (element.getAttribute("aria-busy") === "true") return;
  element.setAttribute("aria-busy", "true");
  await acts.tap(message, button);
  element.removeAttribute("aria-busy");
}

function media(message) {
  if (message.photo) {
    const label = message.text ? `Photo: ${message.text.split("\n")[0]}` : "Photo";
    const image = make("button", { type: "button", class: `photo ${message.spoiler ? "veiled" : ""}`, "aria-label": `Enlarge ${label}`,
      onclick: (event) => {
        if (event.currentTarget.classList.contains("veiled")) event.currentTarget.classList.remove("veiled");
        else picture(message.photo.url, label);
      } },
    make("img", { src: message.photo.url, alt: label, width: message.photo.width, height: message.photo.height, loading: "lazy" }));
    return image;
  }
  if (message.document) {
    const size = message.document.file_size;
    const words = size < 1024 ? `${size} B` : size < 1 << 20 ? `${(size / 1024).toFixed(1)} kB` : `${(size / (1 << 20)).toFixed(1)} MB`;
    return make("a", { class: "document", href: message.document.url, download: message.document.file_name },
      make("span", { class: "sheet", "aria-hidden": "true" }, "⤓"),
      make("span", {}, make("b", {}, message.document.file_name), make("small", {}, words)));
  }
  return null;
}

/** Draw a message; `acts` are say, tap, menu, jump; `me` is the person's id, `names` maps ids to names. */
export function draw(message, me, names, group, acts) {
  if (message.service) return make("p", { class: "service", "data-id": message.message_id }, message.service);
  const mine = message.from === me;
  const text = message.text ? make("div", { class: "text" }, formatted(message.text, message.entities ?? [], 0, message.text.length, acts)) : null;
  const body = message.caption_above ? [text, media(message)] : [media(message), text];
  const sender = names.get(message.from) ?? "somebody";
  const stamp = make("span", { class: "stamp" },
    message.silent && !mine ? make("span", { title: "Sent without a sound", "aria-label": "silent" }, "🔕 ") : null,
    message.pinned ? make("span", { "aria-label": "pinned" }, "📌 ") : null,
    message.edited ? "edited " : null, clock(message.date), mine ? " ✓" : null);
  const bubble = make("div", { class: `bubble ${message.photo ? "pictured" : ""}` },
    group && !mine ? make("b", { class: "sender" }, sender) : null,
    message.forwarded_from ? make("p", { class: "origin" }, `Forwarded from ${message.forwarded_from}`) : null,
    message.reply_to ? make("button", { type: "button", class: "answered", onclick: () => acts.jump(message.reply_to.message_id) },
      make("b", {}, names.get(message.reply_to.from) ?? ""), make("span", {}, message.reply_to.text.split("\n")[0] || "Photo")) : null,
    ...body,
    message.reactions ? make("p", { class: "reactions", "aria-label": `Reactions ${message.reactions.join(" ")}` }, message.reactions.map((emoji) => make("span", {}, emoji))) : null,
    stamp);
  const element = make("article", {
    class: `message ${mine ? "mine" : "theirs"} ${message.buttons.length ? "keyed" : ""}`, "data-id": message.message_id,
    "data-group": message.media_group_id, tabindex: -1, "aria-label": `${mine ? "You" : sender}, ${clock(message.date)}`,
  }, bubble, keys(message, acts), make("button", { type: "button", class: "more", "aria-label": "Message actions", onclick: () => acts.menu(message) }, "⋯"));
  element.addEventListener("contextmenu", (event) => { event.preventDefault(); acts.menu(message); });
  return element;
}

export const firstLine = (message) => (message.text || (message.photo ? "Photo" : message.document?.file_name ?? "")).split("\n")[0];
export const present = (id) => find("log").querySelector(`[data-id="${id}"]`);
