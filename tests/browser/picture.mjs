// PNG with a palette: made from a rule, or from a screenshot, so that pictures in the project stay small.
import zlib from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

// Node before 20.15 has none.
const checksum =
  zlib.crc32 ??
  ((bytes) => {
    let crc = ~0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
    }
    return ~crc >>> 0;
  });

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(checksum(body) >>> 0, body.length + 4);
  return out;
}

// `at(x, y)` gives the place of a pixel's colour in the palette.
export function encode(width, height, at, palette) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  const depth = palette.length <= 16 ? 4 : 8;
  head.set([depth, 3, 0, 0, 0], 8);
  const row = Math.ceil((width * depth) / 8) + 1;
  const raw = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (depth === 8) raw[y * row + 1 + x] = at(x, y);
      else raw[y * row + 1 + (x >> 1)] |= at(x, y) << (x % 2 ? 0 : 4);
    }
  }
  const parts = [chunk("IHDR", head), chunk("PLTE", Buffer.from(palette.flat())), chunk("IDAT", zlib.deflateSync(raw, { level: 9 }))];
  return Buffer.concat([SIGNATURE, ...parts, chunk("IEND", Buffer.alloc(0))]);
}

// The pixels of an 8-bit RGB or RGBA picture, as Chromium writes them.
function decode(png) {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const size = png[25] === 6 ? 4 : 3;
  const data = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = zlib.inflateSync(Buffer.concat(data));
  const stride = width * size;
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const a = x >= size ? out[y * stride + x - size] : 0;
      const b = y ? out[(y - 1) * stride + x] : 0;
      const c = x >= size && y ? out[(y - 1) * stride + x - size] : 0;
      out[y * stride + x] = raw[y * (stride + 1) + 1 + x] + predicted(filter, a, b, c);
    }
  }
  return { width, height, size, out };
}

function predicted(filter, a, b, c) {
  if (filter === 4) {
    const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  }
  return [0, a, b, (a + b) >> 1][filter];
}

// The same picture in at most `colors` colours: the most used ones, the others as the nearest of them.
export function shrink(png, colors = 32) {
  const { width, height, size, out } = decode(png);
  const count = new Map();
  const key = (at) => (out[at] << 16) | (out[at + 1] << 8) | out[at + 2];
  for (let at = 0; at < out.length; at += size) count.set(key(at), (count.get(key(at)) ?? 0) + 1);
  const used = [...count].sort((a, b) => b[1] - a[1]).map(([color]) => [color >> 16, (color >> 8) & 255, color & 255]);
  const palette = [];
  // Colours that differ to the eye first, so that a small accent is not lost among shades of grey.
  for (let apart = 40; palette.length < Math.min(colors, used.length) && apart >= 0; apart = apart > 1 ? apart >> 1 : apart - 1) {
    for (const color of used) {
      if (palette.length < colors && palette.every((other) => distance(other, color) > apart * apart * 3)) palette.push(color);
    }
  }
  const nearest = new Map();
  const place = (color, rgb) => {
    if (!nearest.has(color)) {
      let best = 0;
      palette.forEach((other, at) => (best = distance(other, rgb) < distance(palette[best], rgb) ? at : best));
      nearest.set(color, best);
    }
    return nearest.get(color);
  };
  const at = (x, y) => {
    const from = (y * width + x) * size;
    return place(key(from), [out[from], out[from + 1], out[from + 2]]);
  };
  return encode(width, height, at, palette);
}

function distance(a, b) {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}
