/* Keeps styles, scripts, icons and the offline page; never a page, a fragment or anyone's words. */
"use strict";
const NAME = "lotline-VERSION";
const KEPT = [/*KEPT*/];
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
self.addEventListener("fetch", (event) => {
  const { request } = event, path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match("/offline.html")));
  else if (path !== "/offline.html" && KEPT.includes(path)) event.respondWith(fetch(request).catch(() => caches.match(request)));
});
