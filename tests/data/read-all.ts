// deno run -A --unstable-kv read-all.ts FILE
// Opens a database and prints every entry as Deno reads it, a JSON array a line: key, canonical text, versionstamp.
const canon = (0, eval)(Deno.readTextFileSync(import.meta.dirname + "/canon.js")) as (v: unknown) => string;
const textOf = (value: unknown) => value instanceof Deno.KvU64 ? `KvU64(${value.value})` : canon(value);

const db = await Deno.openKv(Deno.args[0]);
for await (const { key, value, versionstamp } of db.list({ prefix: [] })) {
  console.log(JSON.stringify([key.map(String).join("/"), textOf(value), versionstamp]));
}
db.close();
