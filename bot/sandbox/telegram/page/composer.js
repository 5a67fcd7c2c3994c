// The lower edge of the phone: text field, reply and edit, command list, reply keyboard.
import { find, make } from "./dom.js";
import { firstLine } from "./message.js";

export class Composer {
  constructor(send) {
    this.send = send;
    this.context = null;
    this.commands = [];
    this.shown = true;
    this.keyboardJson = "";
    this.words = find("words");
    find("composer").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.words.addEventListener("input", () => { this.fit(); this.suggest(); });
    this.words.addEventListener("keydown", (event) => this.key(event));
    find("menu").addEventListener("click", () => this.list(find("commands").hidden ? this.commands : []));
    find("toggle").addEventListener("click", () => { this.shown = !this.shown; this.showKeyboard(); });
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
    if (event.key === "Escape") { this.list([]); this.drop(); }
    if (event.key === "ArrowUp" && !this.words.value && this.lastOwn) { event.preventDefault(); this.edit(this.lastOwn()); }
    if (event.key === "ArrowDown" && !find("commands").hidden) { event.preventDefault(); find("commands").querySelector("button")?.focus(); }
  }

  async submit() {
    const text = this.words.value;
    if (!text.trim()) return;
    const context = this.context;
    if (await this.send(text, context)) {
      this.words.value = "";
      this.drop();
      this.list([]);
      this.fit();
    }
  }

  fit() {
    this.words.style.height = "auto";
    this.words.style.height = `${Math.min(this.words.scrollHeight, 140)}px`;
  }

  suggest() {
    const typed = this.words.value;
    this.list(/^\/\w*$/.test(typed) ? this.commands.filter((c) => `/${c.command}`.startsWith(typed)) : []);
  }

  list(commands) {
    const element = find("commands");
    element.hidden = commands.length === 0;
    find("menu").setAttribute("aria-expanded", String(!element.hidden));
    element.replaceChildren(...commands.map((c) => make("li", {}, make("button", { type: "button", onclick: () => {
      this.list([]);
      this.send(`/${c.command}`, null).then(() => { this.words.value = ""; this.words.focus(); });
    } }, make("b", {}, `/${c.command}`), make("span", {}, c.description)))));
  }

  reply(message) { this.hold({ kind: "reply", message }); }

  edit(message) {
    if (!message) return;
    this.words.value = message.text;
    this.hold({ kind: "edit", message });
  }

  hold(context) {
    this.context = context;
    find("context").replaceChildren(
      make("span", {}, make("b", {}, context.kind === "edit" ? "Edit message" : "Reply"), make("small", {}, firstLine(context.message))),
      make("button", { type: "button", "aria-label": "Cancel", onclick: () => this.drop() }, "✕"));
    find("context").hidden = false;
    this.fit();
    this.words.focus();
  }

  drop() {
    if (this.context?.kind === "edit") { this.words.value = ""; this.fit(); }
    this.context = null;
    find("context").hidden = true;
  }

  keyboard(markup) {
    const json = JSON.stringify(markup);
    if (json === this.keyboardJson) return;
    this.keyboardJson = json;
    this.markup = markup?.keyboard ? markup : null;
    this.words.placeholder = markup?.input_field_placeholder ?? "Message";
    find("keyboard").replaceChildren(...(this.markup?.keyboard ?? []).map((row) => make("div", { class: "row" },
      row.map((button) => make("button", { type: "button", class: `key ${button.style ?? ""}`, onclick: () => this.send(button.text, null) }, button.text)))));
    this.showKeyboard();
  }

  showKeyboard() {
    find("toggle").hidden = !this.markup;
    find("keyboard").hidden = !this.markup || !this.shown;
    find("toggle").setAttribute("aria-expanded", String(this.shown));
  }
}
