// Looks for a text or a regular expression in all entries of a file: `find.ts FILE TEXT text|expression`.

const [file, text, kind] = Deno.args;

// What JSON lacks, as text that can be searched.
function plain(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof Deno.KvU64) return `${value.value}n`;
  return value;
}

const expression = new RegExp(text, "i");
const lower = text.toLowerCase();
const matches = kind === "expression"
  ? (shown: string) => expression.test(shown)
  : (shown: string) => shown.toLowerCase().includes(lower);

const kv = await Deno.openKv(file);
let found = 0;
for await (const entry of kv.list({ prefix: [] }, { batchSize: 500 })) {
  const shown = JSON.stringify([entry.key, entry.value], plain);
  if (matches(shown)) found += 1;
}
kv.close();
console.log(found);
