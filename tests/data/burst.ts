// deno run -A --unstable-kv burst.ts FILE
// 10,000 new entries as fast as can be, ["burst", 0] and on: 500 in commits of their own, the rest in large ones.
const db = await Deno.openKv(Deno.args[0]);
for (let at = 0; at < 500; at += 50) {
  await Promise.all(Array.from({ length: 50 }, (_, i) => db.set(["burst", at + i], { at: at + i })));
}
for (let at = 500; at < 10_000; at += 950) {
  let atomic = db.atomic();
  for (let i = at; i < at + 950; i++) atomic = atomic.set(["burst", i], { at: i });
  await atomic.commit();
}
db.close();
