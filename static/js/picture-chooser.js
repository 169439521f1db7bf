// Pictures in the form of a question: uploaded, or taken again from those that the bank shows already.
// Without this module the address is typed, and pictures are written in Markdown.
// @ts-check

/** @param {ParentNode} root @param {string} what @returns {any} */
const find = (root, what) => root.querySelector(what);

export class PictureChooser {
  /** @param {HTMLFormElement} form @param {() => void} onChange */
  constructor(form, onChange) {
    this.form = form;
    this.onChange = onChange;
    /** @type {HTMLDialogElement} */
    this.dialog = find(document, "[data-pictures]");
    /** @type {HTMLInputElement} */
    this.file = find(this.dialog, "input[type=file]");
    /** @type {HTMLInputElement} */
    this.alt = find(this.dialog, "#picture-alt");
    /** @type {HTMLElement} */
    this.error = find(this.dialog, "[data-picture-error]");
    /** @type {HTMLElement} */
    this.list = find(this.dialog, "[data-picture-list]");
    /** @type {(src: string) => void} */
    this.take = () => {};
    this.file.addEventListener("change", () => this.upload());
    find(this.dialog, "[data-picture-close]").addEventListener("click", () => this.dialog.close());
  }

  /** Put a button at each field of the part that can hold a picture. @param {Element} part */
  offer(part) {
    const areas = /** @type {NodeListOf<HTMLTextAreaElement>} */ (part.querySelectorAll("textarea[data-rich-text]"));
    for (const area of areas) this.button(area, "[data-insert-button]", () => this.open((src) => this.insert(area, src), true));
    const fields = /** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll("input[data-picture]"));
    for (const field of fields) {
      if (this.button(field, "[data-picture-button]", () => this.open((src) => this.set(field, src), false))) this.show(field);
    }
  }

  /** @param {HTMLElement} field @param {string} template @param {() => void} onClick @returns {boolean} whether it is new */
  button(field, template, onClick) {
    if (field.closest("template") || field.dataset.hasButton) return false;
    field.dataset.hasButton = "1";
    const copy = /** @type {HTMLTemplateElement} */ (find(document, template)).content.cloneNode(true);
    const button = /** @type {HTMLButtonElement} */ (/** @type {DocumentFragment} */ (copy).querySelector("button"));
    button.addEventListener("click", onClick);
    field.after(button);
    return true;
  }

  /** @param {(src: string) => void} take @param {boolean} withAlt */
  open(take, withAlt) {
    this.take = take;
    this.error.hidden = true;
    this.file.value = "";
    this.alt.value = "";
    find(this.dialog, "[data-picture-alt]").hidden = !withAlt;
    this.dialog.showModal();
    this.load();
  }

  async load() {
    const answer = await fetch(this.form.dataset.picturesUrl ?? "").catch(() => null);
    /** @type {string[]} */
    const pictures = answer?.ok ? (await answer.json()).pictures : [];
    const words = this.list.dataset;
    this.list.replaceChildren(
      ...pictures.map((src, index) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("aria-label", `${words.label} ${index + 1}`);
        const image = Object.assign(document.createElement("img"), { src, alt: "", loading: "lazy" });
        button.append(image);
        button.addEventListener("click", () => this.choose(src));
        item.append(button);
        return item;
      }),
    );
    if (!pictures.length) this.list.append(Object.assign(document.createElement("li"), { textContent: words.none }));
  }

  async upload() {
    const file = this.file.files?.[0];
    if (!file) return;
    const data = new FormData();
    data.append("file", file);
    const token = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("csrfmiddlewaretoken")).value;
    const request = { method: "POST", body: data, headers: { "X-CSRFToken": token } };
    try {
      const answer = await fetch(this.form.dataset.picturesUrl ?? "", request);
      const said = await answer.json();
      if (answer.ok) this.choose(said.src);
      else this.fail(said.detail);
    } catch {
      this.fail(this.error.dataset.failed);
    }
  }

  /** @param {string | undefined} text */
  fail(text) {
    this.error.textContent = text ?? "";
    this.error.hidden = false;
  }

  /** @param {string} src */
  choose(src) {
    this.take(src);
    this.dialog.close();
    this.onChange();
  }

  /** Where the text cursor is, as Markdown or as HTML. @param {HTMLTextAreaElement} area @param {string} src */
  insert(area, src) {
    const kind = /** @type {HTMLInputElement | null} */ (this.form.elements.namedItem(area.name.replace(/_0$/, "_1")));
    const image = document.createElement("img");
    image.setAttribute("src", src);
    image.setAttribute("alt", this.alt.value);
    const text = kind?.value === "html" ? image.outerHTML : `![${this.alt.value.replace(/[[\]\\]/g, "")}](${src})`;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.focus();
  }

  /** @param {HTMLInputElement} field @param {string} src */
  set(field, src) {
    field.value = src;
    this.show(field, (image) => {
      for (const [side, size] of /** @type {const} */ ([["width", image.naturalWidth], ["height", image.naturalHeight]])) {
        const name = field.name.replace(/[a-z]+$/, side);
        const other = /** @type {HTMLInputElement | null} */ (this.form.elements.namedItem(name));
        if (other && size) other.value = String(size);
      }
      this.onChange();
    });
    field.focus();
  }

  /** The picture below its address. @param {HTMLInputElement} field @param {(image: HTMLImageElement) => void} [onLoad] */
  show(field, onLoad) {
    const holder = /** @type {HTMLElement} */ (field.parentElement);
    holder.querySelector(".hs-picture-shown")?.remove();
    if (!field.value) return;
    const image = Object.assign(document.createElement("img"), { alt: "", className: "hs-picture-shown" });
    if (onLoad) image.addEventListener("load", () => onLoad(image));
    image.src = field.value;
    holder.append(image);
  }
}
