// deno run -A --unstable-kv expire.ts FILE KEY...
// Opens a database, and for each key prints when it was first found absent, in milliseconds since the Unix epoch.
const [file, ...keys] = Deno.args;
const db = await Deno.openKv(file);
for (const key of keys) {
  while ((await db.get([key])).versionstamp !== null) await new Promise((r) => setTimeout(r, 20));
  console.log(JSON.stringify({ key, at: Date.now() }));
}
db.close();
