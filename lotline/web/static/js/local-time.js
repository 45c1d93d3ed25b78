/* <local-time since target>: how long somebody has waited, counted on while the page is open. */
"use strict";
customElements.define("local-time", class extends HTMLElement {
  connectedCallback() { this.timer = setInterval(() => this.count(), 20000); this.count(); }
  disconnectedCallback() { clearInterval(this.timer); }
  count() {
    const seconds = (lot.now() - new Date(this.getAttribute("since"))) / 1000, minutes = Math.max(1, Math.floor(seconds / 60));
    this.textContent = minutes < 60 ? `${minutes} min` : minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
    this.closest(".waits")?.classList.toggle("late", seconds > Number(this.getAttribute("target")));
  }
});
