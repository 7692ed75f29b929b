/* What surrounds every page: menus that close as people expect it. Without this file they open and close by a click. */
"use strict";
{
    const openMenus = () => document.querySelectorAll("details.menu[open]");

    document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") {
            return;
        }
        openMenus().forEach((menu) => {
            menu.open = false;
            menu.querySelector("summary").focus();
        });
    });

    const closeOthers = (event) => openMenus().forEach((menu) => {
        menu.open = menu.contains(event.target);
    });
    document.addEventListener("click", closeOthers);
    document.addEventListener("focusin", closeOthers);

    /* Django says on the sidebar whether it is open. Screen readers expect that on the button which opens it. */
    const sidebar = document.getElementById("nav-sidebar");
    const button = document.getElementById("toggle-nav-sidebar");
    if (sidebar && button) {
        const tell = () => {
            button.setAttribute("aria-expanded", sidebar.getAttribute("aria-expanded"));
            sidebar.removeAttribute("aria-expanded");
        };
        button.setAttribute("aria-controls", sidebar.id);
        button.addEventListener("click", tell);
        tell();
    }

    /* Fields that scripts make in place of others, and that would have no name: they get that of the other's label. */
    const nameOf = (field) => field.labels?.[0]?.textContent.trim() || field.getAttribute("aria-label") || "";

    const nameWhatScriptsMade = () => {
        document.querySelectorAll("select.select2-hidden-accessible").forEach((field) => {
            const made = field.nextElementSibling?.querySelectorAll(".select2-selection, .select2-selection__rendered");
            made?.forEach((part) => part.setAttribute("aria-label", nameOf(field)));
        });
        document.querySelectorAll(".help-tooltip[aria-label]").forEach((hint) => hint.setAttribute("role", "img"));
    };
    /* Django's own scripts make some when jQuery is ready, others at the end, and each time before this one. */
    window.django?.jQuery?.(nameWhatScriptsMade);
    window.addEventListener("load", nameWhatScriptsMade);
    document.addEventListener("focusin", ({target}) => {
        const opened = document.querySelector(".select2-container--open .select2-selection[aria-label]");
        if (opened && target.matches(".select2-search__field")) {
            target.setAttribute("aria-label", opened.getAttribute("aria-label"));
        }
    });

    /* Long texts scroll inside of their frames: whoever uses the keyboard alone has to get into them. */
    const scrolls = (frame) => frame.scrollHeight > frame.clientHeight + 1 || frame.scrollWidth > frame.clientWidth + 1;
    const openFrames = () => document.querySelectorAll("main :is(div, pre)").forEach((frame) => {
        const {overflowX, overflowY} = getComputedStyle(frame);
        if (/auto|scroll/.test(overflowX + overflowY) && scrolls(frame) && !frame.hasAttribute("tabindex")) {
            frame.tabIndex = 0;
        }
    });
    openFrames();
    document.addEventListener("htmx:afterSettle", openFrames);
}
