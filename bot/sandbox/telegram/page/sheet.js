// What covers the chat for a moment: toasts, alerts, menus, pictures.
import { find, make } from "./dom.js";

const LONG = 4500;
let hiding = 0;

export function toast(text) {
  const element = find("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { element.hidden = true; }, LONG);
}

function open(label, shape, ...children) {
  const sheet = find("sheet");
  sheet.className = shape;
  sheet.setAttribute("aria-label", label);
  sheet.replaceChildren(...children.filter(Boolean));
  sheet.onclick = (event) => { if (event.target === sheet) sheet.close(); };
  if (!sheet.open) sheet.showModal();
  return sheet;
}

const close = () => find("sheet").close();

export function alertBox(text) {
  open("Alert", "alert", make("p", {}, text), make("button", { type: "button", class: "plain", autofocus: true, onclick: close }, "OK"));
}

export function picture(url, label) {
  open("Photo", "picture", make("img", { src: url, alt: label }),
    make("button", { type: "button", class: "plain", autofocus: true, onclick: close }, "Close"));
}

export function link(url) {
  open("Open a link", "alert",
    make("p", {}, "Open this link?"), make("p", { class: "address" }, url),
    make("a", { class: "plain", href: url, target: "_blank", rel: "noopener noreferrer", onclick: close }, "Open"),
    make("button", { type: "button", class: "plain", onclick: close }, "Cancel"));
}

/** Show actions for a message; `choices` are [label, function, class?], `reactions` a row of emoji. */
export function menu(label, choices, reactions = [], react = () => {}) {
  const act = (run) => () => { close(); run(); };
  open(label, "menu",
    reactions.length ? make("div", { class: "reacts", role: "group", "aria-label": "React" },
      reactions.map((emoji) => make("button", { type: "button", onclick: act(() => react(emoji)) }, emoji))) : null,
    ...choices.map(([text, run, kind]) => make("button", { type: "button", class: kind, onclick: act(run) }, text)),
    make("button", { type: "button", class: "quiet", onclick: close }, "Cancel"));
}
