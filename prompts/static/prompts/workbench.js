/* The editor of the workbench: placeholders are coloured, and what is typed isn't lost by accident. */
"use strict";

const form = document.getElementById("draft");
const KEPT = "workbench-draft";

/* --- Placeholders ------------------------------------------------------------------------------ */

/** The text in pieces, each with whether it is a placeholder ("known"), a mistaken one ("wrong") or neither. */
function piecesOf(text, name) {
    const pieces = [];
    let position = 0;
    for (let start; (start = text.indexOf("{{", position)) >= 0;) {
        const end = text.indexOf("}}", start + 2);
        const inner = end < 0 ? "" : text.slice(start + 2, end).replace(/^ +| +$/g, "");
        const isKnown = name.test(inner);
        // One that is not closed, or not yet, is marked alone and not with all that follows.
        const stop = end >= 0 && !inner.includes("\n") ? end + 2 : start + 2;
        pieces.push([text.slice(position, start), ""], [text.slice(start, stop), isKnown ? "known" : "wrong"]);
        position = stop;
    }
    pieces.push([text.slice(position), ""]);
    return pieces;
}

function paint(backdrop, text, name) {
    const nodes = piecesOf(text, name).map(([piece, kind]) => {
        if (!kind) {
            return document.createTextNode(piece);
        }
        const mark = document.createElement("mark");
        mark.className = kind;
        mark.textContent = piece;
        return mark;
    });
    // A last empty line has no height of its own.
    backdrop.replaceChildren(...nodes, "\n\u200b");
}

/** Behind the text stands the same text with its marks; both scroll as one. */
function colour(frame) {
    const field = frame.querySelector("textarea");
    const name = new RegExp(`^${frame.dataset.name}$`);
    const backdrop = document.createElement("div");
    backdrop.className = "editor-backdrop";
    backdrop.dir = "auto";
    backdrop.setAttribute("aria-hidden", "true");
    frame.prepend(backdrop);
    frame.classList.add("is-coloured");
    const follow = () => {
        backdrop.scrollTop = field.scrollTop;
    };
    const repaint = () => {
        paint(backdrop, field.value, name);
        follow();
    };
    field.addEventListener("input", repaint);
    field.addEventListener("scroll", follow);
    new ResizeObserver(follow).observe(field);
    repaint();
}

/* --- What was typed and not saved -------------------------------------------------------------- */

const inputs = () => [...form.elements].filter((input) => input.matches("textarea, input[name=model]"));
const typed = () => Object.fromEntries(inputs().map((input) => [input.name, input.value]));
const isSame = (one, other) => Object.keys(one).every((name) => name === "manual_note" || one[name] === other[name]);

/** In this tab only, and only for who typed it. */
function kept() {
    try {
        const found = JSON.parse(sessionStorage.getItem(KEPT) || "null");
        if (found && found.owner !== form.dataset.owner) {
            sessionStorage.removeItem(KEPT);
            return null;
        }
        return found && found.place === location.pathname ? found.fields : null;
    } catch {
        return null;
    }
}

function keep() {
    try {
        const draft = {owner: form.dataset.owner, place: location.pathname, fields: typed()};
        sessionStorage.setItem(KEPT, JSON.stringify(draft));
    } catch {
        // Too long for the browser's store: the question before leaving still stands.
    }
}

function forget() {
    try {
        sessionStorage.removeItem(KEPT);
    } catch {
        // Nothing was kept, then.
    }
}

function offer(fields) {
    const notice = document.getElementById("kept-draft");
    notice.hidden = false;
    notice.addEventListener("click", (event) => {
        const choice = event.target.dataset.kept;
        if (choice === "use") {
            for (const input of inputs().filter((input) => input.name in fields)) {
                input.value = fields[input.name];
                input.dispatchEvent(new Event("input", {bubbles: true}));
            }
        } else if (choice === "drop") {
            forget();
        }
        notice.hidden = notice.hidden || Boolean(choice);
    });
    form.addEventListener("input", () => {
        notice.hidden = true;
    }, {once: true});
}

function guard() {
    const loaded = typed();
    let isLeaving = false;
    const isUnsaved = () => "unsaved" in form.dataset || !Object.entries(typed()).every(([name, text]) => loaded[name] === text);
    const before = kept();
    if (before && isSame(before, loaded)) {
        forget();
    } else if (before) {
        offer(before);
    }
    form.addEventListener("input", keep);
    form.addEventListener("submit", () => {
        isLeaving = true;
    });
    // Signing out ends it for whoever uses this tab next.
    document.querySelector("form[action$='/logout/']")?.addEventListener("submit", () => {
        isLeaving = true;
        forget();
    });
    window.addEventListener("beforeunload", (event) => {
        if (!isLeaving && isUnsaved()) {
            event.preventDefault();
        }
    });
    window.addEventListener("pageshow", () => {
        isLeaving = false;
    });
}

colour(document.querySelector(".editor-frame"));
if (form.querySelector("[type=submit]")) {
    guard();
}
