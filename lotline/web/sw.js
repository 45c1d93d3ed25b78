/* Shows notices. Keeps styles, scripts, icons and the offline page; never a page, a fragment or anyone's words. */
"use strict";
const NAME = "lotline-VERSION";
const KEPT = [/*KEPT*/];
const on = (name, act) => self.addEventListener(name, act);
on("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});
on("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
on("fetch", (event) => {
  const { request } = event, path = request.mode === "navigate" ? "/offline.html" : new URL(request.url).pathname;
  if (request.method === "GET" && KEPT.includes(path)) event.respondWith(fetch(request).catch(() => caches.match(path)));
});
on("push", (event) => {
  const { t, b, g, u } = event.data.json();
  event.waitUntil(self.registration.showNotification(t, { body: b, tag: g, renotify: true, data: u, icon: "ICON" }));
});
on("notificationclick", (event) => {
  const { notification } = event, { data } = notification, open = () => self.clients.openWindow(data);
  notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(([one]) => one ? one.navigate(data).then((now) => now.focus()).catch(open) : open()));
});
