/* The sandbox: files that are dropped, values that outlive their inputs, and a session that is over. */
"use strict";

{
    const VALUE = "textarea[name^='value-']";
    /** What was typed for placeholders that the template doesn't have at the moment. */
    const remembered = new Map();
    let isLeaving = false;

    function remember() {
        for (const input of document.querySelectorAll(VALUE)) {
            remembered.set(input.name, input.value);
        }
    }

    /** Fills inputs that come back, as they do while a placeholder's name is being typed. */
    function recall() {
        for (const input of document.querySelectorAll(VALUE)) {
            if (!input.value && remembered.has(input.name)) {
                input.value = remembered.get(input.name);
            }
        }
    }

    /** Where this tab keeps them while the page is loaded again, as it is when a version is saved. */
    const place = `sandbox ${location.pathname} ${document.getElementById("draft")?.dataset.owner}`;

    function keep() {
        remember();
        try {
            sessionStorage.setItem(place, JSON.stringify([...remembered]));
        } catch {
            // There is no room for long texts: they can be filled in from the last test.
        }
    }

    function takeUp() {
        const kept = sessionStorage.getItem(place);
        for (const [name, value] of kept ? JSON.parse(kept) : []) {
            remembered.set(name, value);
        }
        recall();
    }

    const isValues = (target) => target instanceof Element && target.id === "sandbox-values";

    /** Whether the answer is a page of another address, such as the one to sign in. */
    function isElsewhere(detail) {
        const asked = new URL(detail.pathInfo.requestPath, location.href).pathname;
        return Boolean(detail.xhr.responseURL) && new URL(detail.xhr.responseURL).pathname !== asked;
    }

    /** Leads to the page to sign in. Who would rather stay, for what is not saved, is asked only once. */
    function leave() {
        if (!isLeaving) {
            isLeaving = true;
            location.reload();
        }
    }

    // What is fetched again and again waits while nobody looks.
    document.addEventListener("htmx:beforeRequest", (event) => {
        if (document.hidden && event.target.matches("[hx-trigger^='every']")) {
            event.preventDefault();
        }
    });
    document.addEventListener("htmx:beforeSwap", (event) => {
        if (isElsewhere(event.detail)) {
            event.detail.shouldSwap = false;
            leave();
        } else if (isValues(event.detail.target)) {
            remember();
        }
    });
    document.addEventListener("htmx:afterSettle", (event) => {
        if (isValues(event.detail.target)) {
            recall();
        }
    });

    takeUp();
    window.addEventListener("pagehide", keep);

    const drop = document.getElementById("sandbox-drop");
    const over = (isOver) => drop.classList.toggle("is-over", isOver);

    if (drop) {
        drop.addEventListener("dragover", (event) => {
            event.preventDefault();
            over(true);
        });
        drop.addEventListener("dragleave", () => over(false));
        drop.addEventListener("drop", (event) => {
            event.preventDefault();
            over(false);
            const input = drop.querySelector("input[type=file]");
            if (event.dataTransfer.files.length) {
                input.files = event.dataTransfer.files;
                input.dispatchEvent(new Event("change", {bubbles: true}));
            }
        });
    }
}
