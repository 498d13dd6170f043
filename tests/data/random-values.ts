// deno run -A --unstable-kv random-values.ts FILE SEED COUNT > CANONICAL.txt
// Stores random values of every type that Deno KV takes under ["value", 0], ["value", 1] … in a new database, reads
// each back, and prints its canonical text on a line, as JSON. The same seed makes the same values.
// deno-lint-ignore-file no-explicit-any
const [file, seed, count] = Deno.args;
const canon = (0, eval)(Deno.readTextFileSync(import.meta.dirname + "/canon.js")) as (v: unknown) => string;

let state = Number(seed) >>> 0;
function roll(sides: number): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
}
const pick = <T>(from: T[]): T => from[roll(from.length)];
const repeat = (times: number, step: () => void) => {
  for (; times > 0; times--) step();
};

const UNITS = [97, 98, 95, 49, 34, 92, 10, 0, 127, 233, 255, 0x2028, 0x202e, 0x65e5, 0xd83d, 0xde00, 47, 96, 36, 123];
function text(): string {
  let made = "";
  repeat(roll(20) === 0 ? roll(300) : roll(7), () => made += String.fromCharCode(pick(UNITS)));
  return made;
}

const NUMBERS = [0, -0, NaN, Infinity, -Infinity, 5e-324, 1e21, 0.1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, 1e-7, 1.2345678901234568e20];
function number(): number {
  switch (roll(6)) {
    case 0:
      return pick(NUMBERS);
    case 1:
      return new Float64Array(new Uint32Array([roll(2 ** 32), roll(2 ** 32)]).buffer)[0];
    case 2:
      return roll(1e6) / 1000;
    default:
      return roll(600) - 300;
  }
}

function bigint(): bigint {
  const made = BigInt(roll(2 ** 32)) << BigInt(roll(200));
  return roll(2) ? made : -made;
}

const NAMES = ["a", "b", "name", "__proto__", "constructor", "toString", "01", "-1", "1.5", "4294967295", "4294967294", "type", "length "];
const name = () => pick([text, () => pick(NAMES), () => String(roll(12))])();
// Assigning to `__proto__` would not make a property of that name.
const define = (object: any, key: string, value: unknown) =>
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });

// What stands in the value so far, to be referred to again.
let made: any[] = [];
const known = <T>(object: T): T => {
  made.push(object);
  return object;
};

function buffer(elementSize: number): ArrayBuffer {
  const length = roll(5) * elementSize;
  const created = roll(3) ? new ArrayBuffer(length) : new ArrayBuffer(length, { maxByteLength: length + roll(3) * 8 });
  if (roll(3)) new Uint8Array(created).forEach((_, index, bytes) => bytes[index] = roll(256));
  return known(created);
}

const VIEWS: any[] = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float16Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView];
function view(): unknown {
  const View = pick(VIEWS), size = View.BYTES_PER_ELEMENT ?? 1;
  const buffers = made.filter((object) => object instanceof ArrayBuffer);
  const over = buffers.length && roll(2) ? pick(buffers) : buffer(size);
  const elements = Math.floor(over.byteLength / size), start = roll(2) ? 0 : roll(elements + 1);
  if (over.resizable && roll(2)) return known(new View(over, start * size));
  return known(new View(over, start * size, roll(2) ? elements - start : roll(elements - start + 1)));
}

function array(depth: number): unknown {
  const list: any[] = known([]);
  repeat(roll(6), () => list.push(value(depth + 1)));
  if (roll(5) === 0) delete list[roll(6)];
  if (roll(6) === 0) list.length += roll(30);
  if (roll(8) === 0) define(list, pick(["x", "extra", "-1", "__proto__", "y z"]), value(depth + 1));
  if (roll(15) === 0) list[roll(2000)] = value(depth + 1);
  return list;
}

const ERRORS = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
function error(depth: number): unknown {
  const Class = pick(ERRORS), created = known(roll(3) ? new Class(text()) : new Class());
  created.stack = pick(["Error: x\n    at file:///a.ts:1:2", text()]);
  if (roll(3) === 0) delete created.stack;
  if (roll(3) === 0) Object.defineProperty(created, "cause", { value: value(depth + 1), writable: true, configurable: true });
  return created;
}

const TIMES = [0, -1, NaN, 8.64e15, -8.64e15];
const PATTERNS = ["", "a/b", "[/]", "a\n", "(?<n>x)\\k<n>", "日+", "\u202e", "\\/", "[a-z]"];
function value(depth: number): unknown {
  if (made.length && roll(6) === 0) return pick(made);
  // Deep down, primitives only.
  switch (roll(depth > 5 ? 6 : 19)) {
    case 0:
      return pick([undefined, null]);
    case 1:
      return roll(2) === 0;
    case 2:
      return number();
    case 3:
      return bigint();
    case 4:
    case 5:
      return text();
    case 6:
    case 7: {
      const object = known({});
      repeat(roll(6), () => define(object, name(), value(depth + 1)));
      return object;
    }
    case 8:
    case 9:
      return array(depth);
    case 10: {
      const map = known(new Map());
      repeat(roll(5), () => map.set(value(depth + 1), value(depth + 1)));
      return map;
    }
    case 11: {
      const set = known(new Set());
      repeat(roll(5), () => set.add(value(depth + 1)));
      return set;
    }
    case 12:
      return known(new Date(pick([...TIMES, roll(2 ** 32) * 1000 + roll(1000), -roll(2 ** 32) * 30000])));
    case 13:
      return known(new RegExp(pick(PATTERNS), pick(["", "g", "dgimsy", "u", "iu"])));
    case 14:
      return known(Object(pick<any>([true, false, number(), text(), bigint()])));
    case 15:
      return error(depth);
    case 16:
      return buffer(1);
    default:
      return view();
  }
}

// A value that Deno KV takes: it refuses a Uint8Array that stands alone over a resizable buffer.
function whole(): unknown {
  if (roll(50) === 0) return new Deno.KvU64(BigInt.asUintN(64, bigint()));
  made = [];
  const root = value(0);
  return root instanceof Uint8Array && (root.buffer as any).resizable ? whole() : root;
}

const db = await Deno.openKv(file);
const PAGE = 100;
for (let first = 0; first < Number(count); first += PAGE) {
  const keys = Array.from({ length: Math.min(PAGE, Number(count) - first) }, (_, index) => ["value", first + index]);
  const operation = db.atomic();
  for (const key of keys) operation.set(key, whole());
  await operation.commit();
  // What is read back is what is stored, and a database reads at most 10 keys at once.
  for (let index = 0; index < keys.length; index += 10) {
    for (const { value } of await db.getMany<unknown[]>(keys.slice(index, index + 10))) {
      console.log(JSON.stringify(value instanceof Deno.KvU64 ? `KvU64(${value.value})` : canon(value)));
    }
  }
}
db.close();
