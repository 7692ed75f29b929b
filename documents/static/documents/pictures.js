/* A server that has its hands full refuses to draw a page: it is asked again, a little later each time. */
"use strict";

const PATIENCE = [1500, 3000, 6000, 12000];

/** Errors of pictures don't bubble, so they are caught on their way down. */
document.addEventListener("error", (event) => {
    const picture = event.target;
    if (!(picture instanceof HTMLImageElement) || !("picture" in picture.dataset)) {
        return;
    }
    const tries = Number(picture.dataset.tries || 0);
    if (tries === PATIENCE.length) {
        picture.classList.add("gone");
        return;
    }
    picture.dataset.tries = String(tries + 1);
    setTimeout(() => {
        // Setting the same address again has it fetched again.
        picture.src = picture.getAttribute("src");
    }, PATIENCE[tries] * (0.5 + Math.random()));
}, true);
