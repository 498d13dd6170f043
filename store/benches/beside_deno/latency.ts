// deno run -A --unstable-kv latency.ts FILE SECONDS NAME
// Commits without checks and with them, in turns, and prints how long they took, in milliseconds, as JSON.
const [file, seconds, name] = [Deno.args[0], Number(Deno.args[1]), Deno.args[2]];
const db = await Deno.openKv(file);
const times: number[] = [];
let locked = 0;
const end = performance.now() + seconds * 1000;
for (let i = 0; performance.now() < end; i++) {
  const key = [name, i % 100];
  const entry = await db.get(key);
  const begun = performance.now();
  try {
    const operation = db.atomic().set(key, i);
    await (i % 2 ? operation.check(entry) : operation).commit();
  } catch (error) {
    if (!String(error).includes("database is locked")) throw error;
    locked++;
  }
  times.push(performance.now() - begun);
  await new Promise((r) => setTimeout(r, 2));
}
db.close();
times.sort((a, b) => a - b);
const part = (share: number) => Number(times[Math.floor((times.length - 1) * share)].toFixed(2));
console.log(JSON.stringify({ commits: times.length, p50: part(0.5), p99: part(0.99), locked }));
