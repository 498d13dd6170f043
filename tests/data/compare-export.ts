// deno run -A compare-export.ts EXPORT.ndjson GOLDEN.json.gz
// Reads an export in the interchange format as any other program would, builds its keys and values as
// JavaScript values, and compares them with what Deno itself read from the database (the golden file). A value
// with the field `v8` must carry exactly the stored bytes; any other must be equal to the stored value.
// deno-lint-ignore-file no-explicit-any
const canon = (0, eval)(Deno.readTextFileSync(import.meta.dirname + "/canon.js")) as (v: unknown) => string;
const [exported, golden] = Deno.args;

const gunzipped = (await Deno.open(golden)).readable.pipeThrough(new DecompressionStream("gzip"));
const expected: any[] = (await new Response(gunzipped).json()).list;
const lines = Deno.readTextFileSync(exported).split("\n");
const problems: string[] = [];
if (lines.pop() !== "") problems.push("the last line has no line feed");
if (lines.length !== expected.length) problems.push(`${lines.length} lines, ${expected.length} entries expected`);

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes: Uint8Array) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as any)));
function base64url(text: string): Uint8Array {
  if (/[^A-Za-z0-9_-]/.test(text)) throw new Error(`not unpadded base64url: ${text.slice(0, 40)}`);
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

function toNumber(value: number | string): number {
  if (typeof value === "number") return value;
  if (!["Infinity", "-Infinity", "NaN"].includes(value)) throw new Error(`not a number: ${value}`);
  return Number(value);
}

// The type of a typed value as JavaScript.
function toValue(json: any): unknown {
  const { type, value } = json;
  switch (type) {
    case "undefined":
      return undefined;
    case "null":
    case "string":
    case "boolean":
      return value;
    case "number":
      return toNumber(value);
    case "bigint":
      return BigInt(value);
    case "KvU64":
      return new Deno.KvU64(BigInt(value));
    case "Array":
      return value.map(toValue);
    case "Set":
      return new Set(value.map(toValue));
    case "Map":
      return new Map(value.map(([k, v]: any[]) => [toValue(k), toValue(v)]));
    case "object":
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toValue(v)]));
    case "Date":
      return new Date(value ?? NaN);
    case "RegExp": {
      const end = value.lastIndexOf("/");
      return new RegExp(value.slice(1, end), value.slice(end + 1));
    }
    case "Error":
    case "EvalError":
    case "RangeError":
    case "ReferenceError":
    case "SyntaxError":
    case "TypeError":
    case "URIError": {
      const error = new (globalThis as any)[type](value.message);
      delete error.stack;
      if (value.stack !== undefined) Object.defineProperty(error, "stack", { value: value.stack });
      if (value.cause !== undefined) Object.defineProperty(error, "cause", { value: toValue(value.cause) });
      return error;
    }
  }
  const bytes = base64url(value);
  if (json.byteLength !== bytes.length) throw new Error(`byteLength ${json.byteLength} of ${bytes.length} bytes`);
  if (type === "ArrayBuffer") return bytes.buffer;
  const view = (globalThis as any)[type];
  return type === "DataView" ? new DataView(bytes.buffer) : new view(bytes.buffer);
}

let equal = 0, byBytes = 0;
for (const [index, want] of expected.entries()) {
  const line = lines[index];
  if (line === undefined) break;
  try {
    const got = JSON.parse(line);
    const same = (what: string, ours: string, theirs: string) => {
      if (ours !== theirs) throw new Error(`${what}: ${ours.slice(0, 200)}, expected ${theirs.slice(0, 200)}`);
    };
    same("key", canon(got.key.map(toValue)), want.key);
    same("versionstamp", got.versionstamp, want.versionstamp);
    same("expireAt", typeof got.expireAt, want.expires ? "number" : "undefined");
    if (got.v8 === undefined) {
      const value = toValue(got.value);
      same("value", value instanceof Deno.KvU64 ? `KvU64(${value.value})` : canon(value), want.canon);
      equal++;
    } else {
      same("v8", await sha256(base64url(got.v8)), want.valueSha256);
      byBytes++;
    }
  } catch (error) {
    problems.push(`${want.key}: ${(error as Error).message}`);
  }
}
for (const problem of problems.slice(0, 40)) console.error(problem);
console.log(`${lines.length} lines, ${equal} equal, ${byBytes} by bytes, ${problems.length} wrong`);
Deno.exit(problems.length ? 1 : 0);
