// The button for notifications on the "Theo dõi" page: asks the browser only when it is pressed.
(() => {
  const box = document.getElementById("thong-bao");
  if (!box) return;
  if (!window.isSecureContext || !("serviceWorker" in navigator) || !("PushManager" in window)) {
    // Only iPhones and iPads say so: there a site shows notifications once it stands on the home screen.
    document.getElementById("man-hinh-chinh").hidden = navigator.standalone !== false;
    return;
  }
  const root = box.dataset.root;
  const feed = box.dataset.feed;
  const key = "loaphuong:" + feed;
  const find = (selector) => box.querySelector(selector);

  const remember = (on) => {
    try {
      on ? localStorage.setItem(key, "on") : localStorage.removeItem(key);
    } catch (error) {
      // A browser that keeps nothing shows the first button again; subscribing twice does no harm.
    }
  };
  const remembered = () => {
    try {
      return localStorage.getItem(key) === "on";
    } catch (error) {
      return false;
    }
  };
  const show = (on, told) => {
    find("[data-do=on]").hidden = on;
    find("[data-do=off]").hidden = !on;
    box.querySelectorAll("[data-told]").forEach((one) => (one.hidden = one.dataset.told !== told));
  };
  const post = async (path, body) => {
    const answer = await fetch(root + "push/" + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(String(answer.status));
  };
  const current = async () => {
    const registration = await navigator.serviceWorker.getRegistration(root + "push/");
    return registration ? registration.pushManager.getSubscription() : null;
  };
  const ready = async () => {
    const registration = await navigator.serviceWorker.register(root + "push/worker.js");
    if (registration.active) return registration;
    const worker = registration.installing || registration.waiting;
    await new Promise((done, failed) =>
      worker.addEventListener("statechange", () => {
        if (worker.state === "activated") done();
        if (worker.state === "redundant") failed(new Error("redundant"));
      }),
    );
    return registration;
  };

  const subscribe = async () => {
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return show(false, permission === "denied" ? "denied" : "");
    const registration = await ready();
    const answer = await fetch(root + "push/key");
    if (!answer.ok) throw new Error(String(answer.status));
    const applicationServerKey = await answer.text();
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
    await post("subscribe", { subscription: subscription.toJSON(), feed });
    remember(true);
    show(true, "on");
  };
  const unsubscribe = async () => {
    const subscription = await current();
    if (subscription) await post("unsubscribe", { endpoint: subscription.endpoint, feed });
    remember(false);
    show(false, "off");
  };
  const pressed = (work) => async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      show(remembered(), "failed");
    }
    button.disabled = false;
    // The pressed button may have given way to the other one.
    if (button.hidden) box.querySelector("[data-do]:not([hidden])").focus();
  };

  find("[data-do=on]").addEventListener("click", pressed(subscribe));
  find("[data-do=off]").addEventListener("click", pressed(unsubscribe));
  box.hidden = false;
  show(false, "");
  if (remembered()) current().then((subscription) => show(subscription !== null, ""), () => {});
})();
