// Responses in the shape of each question type, read from and written to its form.
// @ts-check

/** @param {Element} place @returns {HTMLInputElement[]} */
function fieldsOf(place) {
  return /** @type {HTMLInputElement[]} */ ([...place.querySelectorAll(".answer input, .answer select")]);
}

/** The id of a prompt in the name of its field, "q7-p1". @param {HTMLInputElement} field */
function promptOf(field) {
  return field.name.split("-").slice(1).join("-");
}

/** @param {HTMLElement} place @returns {Record<string, unknown>} `{}` when nothing is answered */
export function readResponse(place) {
  const fields = fieldsOf(place);
  const chosen = fields.filter((field) => field.checked).map((field) => field.value);
  switch (place.dataset.type) {
    case "single_choice":
      return chosen.length ? { choice: chosen[0] } : {};
    case "multiple_choice":
      return chosen.length ? { choices: chosen } : {};
    case "true_false":
      return chosen.length ? { answer: chosen[0] === "true" } : {};
    case "matching": {
      const pairs = Object.fromEntries(fields.filter((field) => field.value).map((field) => [promptOf(field), field.value]));
      return Object.keys(pairs).length ? { pairs } : {};
    }
    default: {
      const text = fields[0]?.value ?? "";
      return text.trim() ? { text } : {};
    }
  }
}

/** @param {HTMLElement} place @param {Record<string, any>} response */
export function writeResponse(place, response) {
  for (const field of fieldsOf(place)) {
    if (field.type === "radio") field.checked = String(response.choice ?? response.answer ?? "") === field.value;
    else if (field.type === "checkbox") field.checked = (response.choices ?? []).includes(field.value);
    else if (field.tagName === "SELECT") field.value = response.pairs?.[promptOf(field)] ?? "";
    else field.value = response.text ?? "";
  }
}

/** @param {HTMLElement} place */
export function isAnswered(place) {
  return Object.keys(readResponse(place)).length > 0;
}
