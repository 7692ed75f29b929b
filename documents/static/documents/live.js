/* While the page says so, its parts that are marked with data-live are fetched again and put in place. */
"use strict";

const PAUSE = 2000;
const LONGEST_PAUSE = 30000;
const parts = (page) => page.querySelectorAll("[data-live]");
/** What scrolls inside of a part. */
const frameOf = (part) => part.querySelector("[tabindex]");

/** Whether somebody is at work in it. To stand in the frame that scrolls is only to read. */
function isUsed(part) {
    const active = document.activeElement;
    return (part.contains(active) && active !== frameOf(part)) || !document.getSelection().isCollapsed;
}

/** Puts the new part in the place of the old one, where its reader has scrolled to. */
function replace(part, next) {
    const frame = frameOf(part);
    const [left, top, isRead] = frame ? [frame.scrollLeft, frame.scrollTop, frame === document.activeElement] : [];
    part.replaceChildren(...next.childNodes);
    const again = frameOf(part);
    if (frame && again) {
        if (isRead) {
            again.focus({preventScroll: true});
        }
        again.scrollTo(left, top);
    }
}

/** Whether everything is in place: what is in use stays as it is until later. */
function put(fresh) {
    const found = new Map([...parts(fresh)].map((part) => [part.dataset.live, part]));
    let isComplete = true;
    for (const part of parts(document)) {
        const next = found.get(part.dataset.live);
        if (!next || next.innerHTML === part.innerHTML) {
            continue;
        }
        if (isUsed(part)) {
            isComplete = false;
        } else {
            replace(part, next);
        }
    }
    return isComplete;
}

/** The page as it is now; undefined where it is gone, null where it can't be had at the moment. */
async function fetched() {
    try {
        const answer = await fetch(location.href, {credentials: "same-origin"});
        if (answer.redirected || answer.status === 403 || answer.status === 404) {
            return undefined;
        }
        return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    } catch {
        return null;
    }
}

async function follow(pause) {
    await new Promise((go) => setTimeout(go, pause));
    const fresh = document.hidden ? null : await fetched();
    if (fresh === undefined) {
        return;
    }
    if (fresh && put(fresh) && !fresh.querySelector("script[src*='documents/live']")) {
        return;
    }
    follow(fresh || document.hidden ? PAUSE : Math.min(pause * 2, LONGEST_PAUSE));
}

follow(PAUSE);
