/**
 * The order record by hand: what a careful engineer writes for this one schema, with the checks on
 * types and bounds that a codec must have. The yardstick for generated code.
 */

const STATUS = ["NEW", "PAID", "SHIPPED"];

function writeInt(b, p, value) {
  let z = (value << 1) ^ (value >> 31);
  while ((z & ~0x7f) !== 0) {
    b[p++] = z | 0x80;
    z >>>= 7;
  }
  b[p++] = z;
  return p;
}

function writeLong(b, p, value) {
  if ((value | 0) === value) return writeInt(b, p, value);
  if (!Number.isSafeInteger(value)) throw new TypeError("long");
  let z = value >= 0 ? value * 2 : -value * 2 - 1;
  while (z >= 0x80) {
    b[p++] = (z % 128) | 0x80;
    z = Math.floor(z / 128);
  }
  b[p++] = z;
  return p;
}

function writeString(b, p, text) {
  if (typeof text !== "string") throw new TypeError("string");
  const n = text.length;
  if (n < 32) {
    let at = p + 1;
    for (let i = 0; i < n; i++) {
      const c = text.charCodeAt(i);
      if (c > 127) return writeLongString(b, p, text);
      b[at++] = c;
    }
    b[p] = n << 1;
    return at;
  }
  return writeLongString(b, p, text);
}

function writeLongString(b, p, text) {
  const size = Buffer.byteLength(text);
  const at = writeInt(b, p, size);
  return at + b.utf8Write(text, at, size);
}

function writeDouble(b, p, value) {
  if (typeof value !== "number") throw new TypeError("double");
  b.writeDoubleLE(value, p);
  return p + 8;
}

export function encodeOrder(order, b, start) {
  let p = writeString(b, start, order.orderId);
  p = writeString(b, p, order.customerId);
  const status = STATUS.indexOf(order.status);
  if (status < 0) throw new TypeError("status");
  b[p++] = status << 1;
  p = writeLong(b, p, order.placedAt);
  p = writeDouble(b, p, order.total);
  p = writeString(b, p, order.currency);
  if (order.note === null) b[p++] = 0;
  else {
    b[p++] = 2;
    p = writeString(b, p, order.note);
  }
  const { items } = order;
  if (items.length > 0) p = writeInt(b, p, items.length);
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    p = writeString(b, p, item.sku);
    p = writeInt(b, p, item.quantity);
    p = writeDouble(b, p, item.price);
  }
  b[p++] = 0;
  return p;
}

let pos = 0;

function readInt(b, end) {
  let z = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (pos >= end) throw new RangeError("truncated");
    const c = b[pos++];
    z |= (c & 0x7f) << shift;
    if (c < 0x80) return (z >>> 1) ^ -(z & 1);
  }
  throw new RangeError("int");
}

function readLong(b, end) {
  let z = 0;
  let scale = 1;
  for (let i = 0; i < 8; i++) {
    if (pos >= end) throw new RangeError("truncated");
    const c = b[pos++];
    z += (c & 0x7f) * scale;
    if (c < 0x80) return z % 2 === 0 ? z / 2 : -(z + 1) / 2;
    scale *= 128;
  }
  throw new RangeError("long");
}

function readString(b, end) {
  const n = readInt(b, end);
  if (n < 0 || n > end - pos) throw new RangeError("truncated");
  const start = pos;
  pos += n;
  if (n > 16) return b.utf8Slice(start, pos);
  let text = "";
  for (let i = start; i < pos; i++) {
    const c = b[i];
    if (c > 127) return b.utf8Slice(start, pos);
    text += String.fromCharCode(c);
  }
  return text;
}

function readDouble(b, end) {
  if (end - pos < 8) throw new RangeError("truncated");
  pos += 8;
  return b.readDoubleLE(pos - 8);
}

export function decodeOrder(b, start, end) {
  pos = start;
  const orderId = readString(b, end);
  const customerId = readString(b, end);
  const status = STATUS[readInt(b, end)];
  if (status === undefined) throw new RangeError("status");
  const placedAt = readLong(b, end);
  const total = readDouble(b, end);
  const currency = readString(b, end);
  const note = readInt(b, end) === 0 ? null : readString(b, end);
  const items = [];
  for (let count = readInt(b, end); count !== 0; count = readInt(b, end)) {
    for (let i = 0; i < count; i++) {
      const sku = readString(b, end);
      const quantity = readInt(b, end);
      const price = readDouble(b, end);
      items.push({ sku, quantity, price });
    }
  }
  if (pos !== end) throw new RangeError("trailing");
  return { orderId, customerId, status, placedAt, total, currency, note, items };
}
