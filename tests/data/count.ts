// deno run -A --unstable-kv count.ts FILE WRITERS ROUNDS
// Several writers count the same counter up, each round with a check of what was read. Prints "ready" when the database
// is open, and at the end, as JSON, the versionstamps in the order of commits, and how often a commit was locked out.
// Whatever else is thrown ends the program.
//
// Deno reads what a commit checks before it asks for the lock, and then SQLite does not let it wait: with any second
// process that writes, another Deno included, such a commit may fail with "database is locked", and has to be repeated.
const [file, writers, rounds] = [Deno.args[0], Number(Deno.args[1]), Number(Deno.args[2])];
const db = await Deno.openKv(file);
const stamps: string[] = [];
let locked = 0;
async function count() {
  for (;;) {
    const counter = await db.get<number>(["counter"]);
    const operation = db.atomic().check(counter).set(["counter"], (counter.value ?? 0) + 1).sum(["total"], 1n);
    try {
      const commit = await operation.commit();
      if (!commit.ok) continue;
      stamps.push(commit.versionstamp);
      return;
    } catch (error) {
      if (!String(error).includes("database is locked")) throw error;
      locked++;
    }
  }
}
async function write(writer: number) {
  for (let round = 0; round < rounds; round++) {
    await count();
    await db.set(["last", writer], round);
  }
}
console.log("ready");
await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
console.log(JSON.stringify({ stamps, locked }));
db.close();
