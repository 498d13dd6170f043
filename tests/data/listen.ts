// deno run -A --unstable-kv listen.ts FILE
// Takes messages from the queue until it is ended, prints each as a line of JSON with the moment, and fails at those
// that say so, or takes the milliseconds that they say.
const db = await Deno.openKv(Deno.args[0]);
await db.listenQueue(async (message) => {
  console.log(JSON.stringify({ ...message, at: Date.now() }));
  if (message.takes) await new Promise((resolve) => setTimeout(resolve, message.takes));
  if (message.fails) throw new Error("as it is told to");
});
