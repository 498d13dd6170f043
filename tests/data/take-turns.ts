// deno run -A --unstable-kv take-turns.ts FILE ROUNDS
// Whenever the number under ["turn"] is odd, counts it up, with a check; prints each versionstamp.
const [file, rounds] = [Deno.args[0], Number(Deno.args[1])];
const db = await Deno.openKv(file);
for (let round = 0; round < rounds;) {
  const turn = await db.get<number>(["turn"]);
  if ((turn.value ?? 0) % 2 === 0) {
    await new Promise((r) => setTimeout(r, 1));
    continue;
  }
  // Nobody else writes now.
  const commit = await db.atomic().check(turn).set(["turn"], turn.value! + 1).commit();
  if (!commit.ok) throw new Error("somebody took the turn");
  console.log(commit.versionstamp);
  round++;
}
db.close();
