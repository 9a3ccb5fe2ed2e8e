// A house with sample news on a port of its own: the real program, a folder of news for each ward,
// and a web server that stands for other people's sites.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "./picture.mjs";

export const BASE = "https://loa.thoquan.example/";

const WARDS = {
  "Hà Nội": ["Thổ Quan", "Hoa Gạo", "Bến Nứa", "Cầu Gỗ Nhỏ", "Đồng Xanh", "Giếng Ngọc", "Hồ Sen", "Lụa Vàng", "Vườn Nhãn"],
  "Huế": ["An Hiên", "Bến Thơ", "Cồn Gió", "Đập Trúc", "Hương Mộc"],
  "Cần Thơ": ["Bãi Dừa", "Cái Sen", "Phù Sa", "Rạch Cam", "Vàm Xanh", "Xẻo Mật"],
};

const slug = (name) =>
  name.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase().replace(/[^a-z0-9]+/g, "-");

// A picture of the sky over a field, so that pages have something to show.
const sample = () =>
  encode(640, 360, (x, y) => (y < 200 + 20 * Math.sin(x / 60) ? (Math.hypot(x - 480, y - 80) < 40 ? 2 : 0) : y < 270 ? 1 : 3), [
    [158, 205, 230],
    [96, 150, 80],
    [250, 214, 110],
    [190, 160, 70],
  ]);

const article = (site) => `<h1>Khánh thành vườn rau chung của khu phố</h1>
<p>Sáng Chủ nhật, bà con tổ dân phố số 7 khai trương vườn rau chung trên khoảng đất trống đầu ngõ Hoa Gạo.</p>
<p><img src="${site}/vuon-rau.png"></p>
<p>Mỗi nhà nhận một luống, cùng nhau tưới và thu hoạch. Ban công tác mặt trận phường tặng hạt giống và hai bồn nước.</p>
<h2>Lịch chăm vườn</h2>
<table><tr><th>Ngày</th><th>Việc</th><th>Nhóm phụ trách</th><th>Ghi chú</th></tr>
<tr><td>Thứ Ba</td><td>Tưới nước</td><td>Các nhà từ số 2 đến số 18</td><td>Trước 7 giờ sáng</td></tr>
<tr><td>Thứ Bảy</td><td>Nhổ cỏ, bón phân</td><td>Chi hội phụ nữ và chi đoàn</td><td>Mang theo găng tay</td></tr></table>
<p>Xem <a href="${site}/quy-uoc.pdf">Quy ước vườn chung</a>.</p>`;

const config = (dir, site, port) => `store = "sqlite://data/loaphuong.db"
[site]
title = "Loa phường Thổ Quan"
base_url = "${BASE}"
[server]
listen = "127.0.0.1:0"
[fetch]
allow = ["127.0.0.1:${port}"]
pause = "0s"
[[feeds.combined]]
name = "tat-ca"
title = "Tất cả các phường"
sources = ["*"]
${Object.entries(WARDS)
  .flatMap(([province, names]) =>
    names.map(
      (name) => `[[sources]]
name = "${slug(name)}"
title = "Phường ${name}"
province = "${province}"
kind = "folder"
path = "news/${slug(name)}"
`,
    ),
  )
  .join("")}
[[channels]]
name = "bot"
kind = "telegram"
token = "1:thu-nghiem"
api = "${site}"
[[channels]]
name = "zalo"
kind = "zalo-bot"
token = "1:thu-nghiem"
api = "${site}"
[[channels]]
name = "day"
kind = "web-push"
subject = "mailto:vanphong@thoquan.example"
[[subscriptions]]
feed = "tho-quan"
to = "bot:@phuongthoquan"
[[subscriptions]]
feed = "tho-quan"
to = "zalo:abc"
invite = "https://zalo.me/g/thoquan"
`;

// Starts it all; `stop` ends it.
export async function house(root, binary) {
  const dir = mkdtempSync(join(tmpdir(), "loaphuong-"));
  const asked = [];
  const picture = sample();
  const elsewhere = createServer((request, response) => {
    asked.push(request.url);
    if (request.url === "/vuon-rau.png") {
      response.writeHead(200, { "content-type": "image/png" }).end(picture);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => elsewhere.listen(0, "127.0.0.1", listening));
  const port = elsewhere.address().port;
  const site = `http://127.0.0.1:${port}`;
  for (const name of Object.values(WARDS).flat()) {
    const folder = join(dir, "news", slug(name));
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "2026-11-05-tiep-dan.txt"),
      `Lịch tiếp công dân tháng mười hai của phường ${name}\n\nChủ tịch phường tiếp bà con vào sáng thứ Năm hằng tuần, từ 8 giờ đến 11 giờ.\n\nBà con mang theo căn cước và giấy tờ liên quan.\n`,
    );
  }
  cpSync(join(root, "news"), join(dir, "news", "tho-quan"), { recursive: true });
  writeFileSync(join(dir, "news", "tho-quan", "2026-11-22-vuon-rau.html"), article(site));
  const topics = ["cấp nước", "cấp điện", "thu gom rác", "đường ngõ"];
  for (let day = 1; day <= 24; day++) {
    const topic = topics[day % topics.length];
    const date = `2026-10-${String(day).padStart(2, "0")}`;
    writeFileSync(
      join(dir, "news", "tho-quan", `${date}-tin.txt`),
      `Thông tin về ${topic} trong tuần, số ${day}\n\nTổ dân phố số ${day} lưu ý giờ giấc để sắp xếp việc nhà. Mọi thắc mắc xin gọi bộ phận một cửa.\n`,
    );
  }
  writeFileSync(join(dir, "config.toml"), config(dir, site, port));
  const child = spawn(binary, ["--config", join(dir, "config.toml")], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  const address = await new Promise((ready, failed) => {
    child.stderr.on("data", (piece) => {
      log += piece;
      const found = /ready (http:\/\/\S+)/.exec(log);
      if (found) ready(found[1].replace(/\/?$/, "/"));
    });
    child.on("exit", () => failed(new Error(`the program ended:\n${log}`)));
  });
  await full(address);
  return {
    address,
    asked,
    site,
    stop: async () => {
      child.removeAllListeners("exit");
      const ended = new Promise((done) => child.on("exit", done));
      child.kill("SIGTERM");
      await ended;
      elsewhere.closeAllConnections();
      elsewhere.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

// Every ward was read once.
async function full(address) {
  const last = Object.values(WARDS).flat().map(slug);
  for (;;) {
    const { sources } = await (await fetch(address + "healthz")).json();
    if (last.every((name) => sources.some((source) => source.name === name && source.last_ok))) return;
    await new Promise((later) => setTimeout(later, 50));
  }
}
