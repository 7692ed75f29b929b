/* Operations: looks again every few seconds while somebody looks, and ticks many at once. */
"use strict";

{
    const EVERY_MS = 5000;
    const now = document.getElementById("now");

    setInterval(() => {
        if (!document.hidden) {
            htmx.trigger(now, "refresh");
        }
    }, EVERY_MS);
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) {
            htmx.trigger(now, "refresh");
        }
    });

    /* A session that is over answers with the page to sign in, which belongs into no frame. */
    document.addEventListener("htmx:beforeSwap", (event) => {
        const answered = event.detail.xhr.responseURL;
        if (answered && new URL(answered).pathname !== location.pathname) {
            event.detail.shouldSwap = false;
            location.reload();
        }
    });

    const all = document.querySelector("[data-choose-all]");
    if (all) {
        all.parentElement.hidden = false;
        all.addEventListener("change", () => {
            for (const box of document.querySelectorAll("#retry input[name=ids]:not(:disabled)")) {
                box.checked = all.checked;
            }
        });
    }
}
