// deno run -A --unstable-kv check-values.ts VALUES.jsonl
// Each line is a value as Keyglass writes it: `name`, the canonical text `canon` that it must have, its bytes as
// `hex` with their `encoding`, and where that is plain JavaScript its `literal`. Reads the bytes and evaluates the
// literal, and prints how many of both mean what they must.
// deno-lint-ignore-file no-explicit-any
const canon = (0, eval)(Deno.readTextFileSync(import.meta.dirname + "/canon.js")) as (v: unknown) => string;
const { core } = (Deno as any)[(Deno as any).internal];

function read(encoding: string, hex: string): unknown {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  switch (encoding) {
    case "V8":
      return core.deserialize(bytes, { forStorage: true });
    case "LE64":
      return new Deno.KvU64(new DataView(bytes.buffer).getBigUint64(0, true));
    case "BYTES":
      return bytes;
  }
  throw new Error(`no encoding: ${encoding}`);
}
const textOf = (value: unknown) => value instanceof Deno.KvU64 ? `KvU64(${value.value})` : canon(value);

let bytes = 0, literals = 0, wrong = 0;
function check(what: string, line: any, value: () => unknown): number {
  let text;
  try {
    text = textOf(value());
  } catch (error) {
    text = String(error);
  }
  if (text === line.canon) return 1;
  if (++wrong <= 20) console.error(`${line.name} (${what})\n is ${text.slice(0, 400)}\n not ${line.canon.slice(0, 400)}`);
  return 0;
}
for (const text of Deno.readTextFileSync(Deno.args[0]).trimEnd().split("\n")) {
  const line = JSON.parse(text);
  bytes += check("bytes", line, () => read(line.encoding, line.hex));
  if (line.literal !== undefined) literals += check("literal", line, () => (0, eval)(`(${line.literal})`));
}
console.log(JSON.stringify({ bytes, literals, wrong }));
