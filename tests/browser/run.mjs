// The public pages in headless Chromium, as a person with a phone meets them. Prints a table; exits
// with 1 when anything does not hold. See `run`.
import { createECDH, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { house } from "./house.mjs";
import { shrink } from "./picture.mjs";

const [root, ...options] = process.argv.slice(2);
const keep = options.includes("--keep");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const LIGHTEST = 30 * 1024;
// Slow 3G and a phone of a quarter of this machine's speed.
const SLOW = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const SLOWER = 4;

const wrong = [];
const check = (holds, told) => holds || wrong.push(told);
const rows = new Map();

const sample = await house(root, process.env.LOAPHUONG_BIN);
const at = (path) => sample.address + path;
let server, browser;

async function launch() {
  server = await chromium.launchServer({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
  });
  browser = await chromium.connect(server.wsEndpoint());
}

// Not every wait of a browser has an end of its own, and now and then one hangs: what cannot be done in time is done
// once more by a new one. What does not hold is not asked again.
const PATIENCE = 60_000;
async function step(name, work) {
  const before = wrong.length;
  try {
    return await inTime(name, work);
  } catch (error) {
    console.error(`… ${name}, once more by a new browser: ${error}`);
  }
  await server.kill();
  await launch();
  wrong.length = before;
  return inTime(name, work);
}

function inTime(name, work) {
  let timer;
  const late = new Promise((_, give) => (timer = setTimeout(() => give(new Error(`“${name}” is not over after ${PATIENCE / 1000} s`)), PATIENCE)));
  return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

// A page that tells of every error and every request that leaves the house.
async function open(settings = {}) {
  const context = await browser.newContext({ ...PHONE, ...settings });
  const page = await context.newPage();
  page.on("console", (message) => {
    const meant = message.text().includes("status of 404") || message.text().includes("status of 410");
    if (message.type() === "error" && !meant) wrong.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error}`));
  page.on("request", (request) => check(request.url().startsWith(sample.address), `${page.url()} asks ${request.url()}`));
  return page;
}

async function accessible(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  for (const one of found.violations) {
    wrong.push(`${name}: axe ${one.id} (${one.impact}): ${one.help}: ${one.nodes.map((node) => node.html).join(" ").slice(0, 300)}`);
  }
  return found.passes.length;
}

const overflow = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth);

// The pages, found by walking as people do: the front page, its first article, and so on.
async function walk() {
  const page = await open();
  await page.goto(at(""));
  await page.getByRole("link", { name: /Khánh thành vườn rau chung/ }).first().tap();
  await page.waitForURL(/\/tin\//);
  check((await page.locator("h1").innerText()).includes("vườn rau"), "the article has no heading");
  const article = page.url().slice(sample.address.length);
  await page.locator("main").getByRole("link", { name: /^Theo dõi/ }).tap();
  await page.waitForURL(/\/theo-doi\/tho-quan$/);
  await page.getByRole("link", { name: /áp phích/ }).tap();
  await page.waitForURL(/\/ap-phich\/tho-quan$/);
  await page.goto(at("tim"));
  await page.getByRole("searchbox").fill("cap dien");
  await page.getByRole("button", { name: /Tìm/ }).tap();
  await page.waitForURL(/\/tim\?q=cap\+dien/);
  check((await page.locator("main article").count()) > 3, "“cap dien” finds nothing");
  check((await page.locator("main article h2").allInnerTexts()).every((title) => /cấp điện|điện/i.test(title)), "“cap dien” finds other news");
  await page.goto(at("chon-phuong"));
  await page.getByRole("link", { name: /^Hà Nội/ }).tap();
  await page.waitForURL(/tinh=ha-noi/);
  await page.getByRole("link", { name: "Phường Thổ Quan", exact: true }).tap();
  await page.waitForURL(/\/phuong\/tho-quan$/);
  await page.getByRole("link", { name: /Tin cũ hơn/ }).tap();
  await page.waitForURL(/truoc=/);
  check((await page.locator("main article").count()) > 5, "older news are missing");
  const gone = await page.goto(at("khong-co-trang-nay"));
  check(gone.status() === 404 && (await page.getByRole("searchbox").count()) === 1, "a missing page has no search box");
  await page.context().close();
  return {
    "front page": "",
    article,
    search: "tim?q=cap+dien",
    categories: "muc",
    ward: "phuong/tho-quan",
    "choose a ward": "chon-phuong",
    "wards of a province": "chon-phuong?tinh=ha-noi",
    follow: "theo-doi/tho-quan",
    "follow what": "theo-doi",
    poster: "ap-phich/tho-quan",
    missing: "khong-co-trang-nay",
  };
}

// Weight, accessibility in both schemes, reflow, zoom, size of what is tapped.
async function look(name, path) {
  const row = { name };
  rows.set(name, row);
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ colorScheme });
    const answer = await page.goto(at(path));
    row.bytes = (await answer.body()).length;
    check(row.bytes < LIGHTEST, `${name} weighs ${row.bytes} bytes`);
    check(answer.headers()["content-security-policy"]?.includes("default-src 'none'"), `${name} has no policy`);
    row[colorScheme] = await accessible(page, `${name}, ${colorScheme}`);
    if (colorScheme === "light") {
      check((await overflow(page)) <= 0, `${name} is wider than 360 px`);
      const small = await page.locator("a.button, button:visible, input[type=search], input[type=text]").evaluateAll((all) =>
        all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 80)),
      );
      check(small.length === 0, `${name}: lower than 44 px: ${small}`);
      await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
      check((await overflow(page)) <= 0, `${name} is wider than the screen with letters twice as large`);
    }
    await page.context().close();
  }
  for (const viewport of [{ width: 320, height: 640 }, { width: 640, height: 360 }]) {
    const page = await open({ viewport, isMobile: false });
    await page.goto(at(path));
    check((await overflow(page)) <= 0, `${name} does not fit into ${viewport.width} px`);
    await page.context().close();
  }
}

// First paint and layout shift on a slow line and a slow phone.
async function time(name, path) {
  const page = await open();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", SLOW);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shift += entry.value))).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.largest = entry.startTime))).observe({ type: "largest-contentful-paint", buffered: true });
  });
  await page.goto(at(path), { waitUntil: "load" });
  // A browser that nobody looks at may draw nothing more.
  await page.evaluate(() => new Promise((painted) => {
    requestAnimationFrame(() => setTimeout(painted, 100));
    setTimeout(painted, 5000);
  }));
  const told = await page.evaluate(() => ({
    first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    largest: window.largest ?? 0,
    shift: window.shift,
  }));
  Object.assign(rows.get(name), told);
  check(told.shift < 0.1, `${name} shifts by ${told.shift}`);
  await page.context().close();
}

// By keyboard: the skip link first, everything in the order of the page, each place seen.
async function keyboard(path) {
  const page = await open({ viewport: { width: 1000, height: 800 }, isMobile: false, hasTouch: false });
  await page.goto(at(path));
  const wanted = await page.evaluate(() =>
    [...document.querySelectorAll("a[href], button, input, [tabindex='0']")].filter((one) => one.checkVisibility()).length,
  );
  const seen = [];
  for (let step = 0; step < wanted; step++) {
    await page.keyboard.press("Tab");
    const told = await page.evaluate(() => {
      const one = document.activeElement;
      const all = [...document.querySelectorAll("a[href], button, input, [tabindex='0']")].filter((other) => other.checkVisibility());
      const box = one.getBoundingClientRect();
      const style = getComputedStyle(one);
      const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
      return { place: all.indexOf(one), seen: inside && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, what: one.outerHTML.slice(0, 80) };
    });
    check(told.place === step, `${path}: step ${step} by keyboard is ${told.what}`);
    check(told.seen, `${path}: the focus on ${told.what} cannot be seen`);
    seen.push(told.what);
  }
  check(seen[0]?.includes("skip"), `${path}: the first step is ${seen[0]}`);
  await page.goto(at(path));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  check(await page.evaluate(() => document.activeElement?.tagName === "MAIN"), `${path}: the skip link leads nowhere`);
  await page.context().close();
}

async function withoutScript() {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(at("theo-doi/tho-quan"));
  check(!(await page.locator("#thong-bao").isVisible()), "without script the button for notifications is there");
  check((await page.locator("section.way:visible").count()) === 3, "without script the other ways are missing");
  await page.context().close();
}

// The push service is the only thing that is not real here: a browser in a test has none.
async function notifications() {
  const page = await open();
  await page.context().grantPermissions(["notifications"], { origin: new URL(sample.address).origin });
  const keys = createECDH("prime256v1");
  const subscription = {
    endpoint: "https://push.example/thu-nghiem",
    keys: { p256dh: keys.generateKeys().toString("base64url"), auth: randomBytes(16).toString("base64url") },
  };
  await page.addInitScript((given) => {
    let subscribed = false;
    const told = { endpoint: given.endpoint, toJSON: () => given };
    window.asked = 0;
    const ask = Notification.requestPermission.bind(Notification);
    Notification.requestPermission = () => ((window.asked += 1), ask());
    PushManager.prototype.subscribe = async () => ((subscribed = true), told);
    PushManager.prototype.getSubscription = async () => (subscribed ? told : null);
  }, subscription);
  await page.goto(at("theo-doi/tho-quan"));
  const on = page.getByRole("button", { name: /Bật thông báo/ });
  await on.waitFor();
  check((await page.evaluate(() => window.asked)) === 0, "the browser is asked before the button is pressed");
  const [taken] = await Promise.all([page.waitForResponse(/push\/subscribe$/), on.tap()]);
  check(taken.status() === 201, `subscribing answers ${taken.status()}`);
  const off = page.getByRole("button", { name: /Tắt thông báo/ });
  await off.waitFor();
  check(await page.getByText("Đã bật.").isVisible(), "nothing tells that notifications are on");
  await accessible(page, "follow, notifications on");
  await shown(page);
  const [ended] = await Promise.all([page.waitForResponse(/push\/unsubscribe$/), off.tap()]);
  check(ended.status() === 204, `unsubscribing answers ${ended.status()}`);
  await on.waitFor();
  await page.context().close();
}

// An iPhone has no notifications for a page that does not stand on its home screen.
async function homeScreen() {
  for (const standalone of [false, undefined]) {
    const page = await open();
    await page.addInitScript((is) => {
      delete window.PushManager;
      Object.defineProperty(navigator, "standalone", { value: is });
    }, standalone);
    await page.goto(at("theo-doi/tho-quan"));
    await page.waitForLoadState("load");
    check((await page.locator("#man-hinh-chinh").isVisible()) === (standalone === false), `standalone ${standalone}: the help for iPhones`);
    check(!(await page.locator("#thong-bao").isVisible()), `standalone ${standalone}: a button that does nothing`);
    await page.context().close();
  }
}

// The worker shows what is pushed.
async function shown(page) {
  const session = await page.context().newCDPSession(page);
  const registered = new Promise((found) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => registrations[0] && found(registrations[0].registrationId));
  });
  await session.send("ServiceWorker.enable");
  const registrationId = await registered;
  const note = { title: "Tạm ngừng cấp nước", body: "Từ 22 giờ đêm nay.", url: sample.address, tag: "1" };
  const push = { origin: new URL(sample.address).origin, registrationId, data: JSON.stringify(note) };
  // What a browser is given for a worker that has only just begun gets lost once in a while.
  let titles = [];
  for (let tries = 0; titles.length === 0 && tries < 10; tries++) {
    await session.send("ServiceWorker.deliverPushMessage", push);
    titles = await page.evaluate(notes);
  }
  check(titles.includes(note.title), `the worker shows ${titles}`);
}

// The titles of what the worker shows; none after two seconds.
async function notes() {
  const registration = await navigator.serviceWorker.getRegistration("/push/");
  for (let looks = 0; looks < 100; looks++) {
    const notes = await registration.getNotifications();
    if (notes.length) return notes.map((one) => one.title);
    await new Promise((later) => setTimeout(later, 20));
  }
  return [];
}

async function picture(name, path, settings = {}) {
  const page = await open({ deviceScaleFactor: 1, ...settings });
  await page.goto(at(path), { waitUntil: "networkidle" });
  writeFileSync(join(root, "docs", `${name}.png`), shrink(await page.screenshot(), 24));
  await page.context().close();
}

function table() {
  const head = "| page | HTML, bytes | axe rules held, light / dark | first paint | largest paint | layout shift |\n|---|---|---|---|---|---|";
  const lines = [...rows.values()].map(
    (row) => `| ${row.name} | ${row.bytes.toLocaleString("en")} | ${row.light} / ${row.dark} | ${Math.round(row.first)} ms | ${Math.round(row.largest)} ms | ${row.shift.toFixed(3)} |`,
  );
  return [head, ...lines].join("\n");
}

async function everything() {
  const pages = await step("walk", walk);
  for (const [name, path] of Object.entries(pages)) await step(`look at ${name}`, () => look(name, path));
  for (const [name, path] of Object.entries(pages)) await step(`time ${name}`, () => time(name, path));
  for (const path of ["", pages.article, "theo-doi/tho-quan", "tim?q=cap+dien"]) await step(`keyboard on /${path}`, () => keyboard(path));
  await step("without script", withoutScript);
  await step("notifications", notifications);
  await step("home screen", homeScreen);
  check(sample.asked.filter((path) => path === "/vuon-rau.png").length === 1, `the other site was asked for its picture by somebody else: ${sample.asked}`);
  if (keep) {
    await picture("page-front", "");
    await picture("page-front-dark", "", { colorScheme: "dark" });
    await picture("page-article", pages.article);
    await picture("page-follow", "theo-doi/tho-quan");
    await picture("page-wards", "chon-phuong");
    await picture("page-poster", "ap-phich/tho-quan", { viewport: { width: 620, height: 877 }, isMobile: false });
    const told = `# The public pages, measured\n\nWritten by \`tests/browser/run --keep\`: headless ${browser.version()}, a phone of 360 × 740, 400 kbit/s with 400 ms round trips, a processor ${SLOWER} times slower; axe-core with the rules of WCAG 2.2 AA and its best practices, no violation.\n\n${table()}\n`;
    writeFileSync(join(root, "docs", "pages.md"), told);
  }
}

const began = Date.now();
try {
  await launch();
  await everything();
} finally {
  await server?.kill();
  await sample.stop();
}
console.log(table());
for (const one of wrong) console.error(`✗ ${one}`);
console.log(`${wrong.length === 0 ? "all holds" : `${wrong.length} wrong`}, ${((Date.now() - began) / 1000).toFixed(0)} s`);
process.exitCode = wrong.length === 0 ? 0 : 1;
