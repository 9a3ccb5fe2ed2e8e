// Shows what loaphuong pushes, and opens its address on a tap.
self.addEventListener("push", (event) => {
  let note = {};
  try {
    note = event.data.json();
  } catch (error) {
    note = { title: event.data ? event.data.text() : "" };
  }
  event.waitUntil(
    self.registration.showNotification(note.title || "Loa phường", {
      body: note.body,
      icon: note.icon,
      tag: note.tag,
      silent: note.silent === true,
      data: { url: note.url },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data && event.notification.data.url;
  if (url) {
    event.waitUntil(self.clients.openWindow(url));
  }
});
