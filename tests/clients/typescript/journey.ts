/**
 * What a developer writes with the client that @hey-api/openapi-ts makes of our schema: no casts.
 *
 * Usage: node journey.ts http://127.0.0.1:8000 API_KEY, with the client in ./client.
 * tests/clients/test_generated.py generates it, has tsc check this file, and runs it.
 */
import { createClient, createConfig } from "./client/client/index.ts";
import * as api from "./client/sdk.gen.ts";

const [url = "", key = ""] = process.argv.slice(2);
const anybody = createClient(createConfig({ baseUrl: url }));
const proving = (name: string, value: string) =>
  createClient(createConfig({ baseUrl: url, auth: (scheme) => (scheme.name === name ? value : undefined) }));
const host = (token: string) => proving("x-host-auth", token);

function good<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}
function check(right: boolean, what: unknown): asserts right {
  if (!right) throw new Error(JSON.stringify(what));
}

// A line.
const line = good(await api.createLine({ client: anybody, body: { eventName: "Friday", maxGuests: 20 } }));
const path = { code: line.code };
const headers = { "Idempotency-Key": crypto.randomUUID() };
const ana = good(await api.joinLine({ client: anybody, path, headers, body: { name: "Ana", size: 2 } }));
const again = good(await api.joinLine({ client: anybody, path, headers, body: { name: "Ana", size: 2 } }));
check(again.partyId === ana.partyId, again);
const taken = await api.joinLine({ client: anybody, path, body: { name: "Ana" } });
check(taken.error?.error.includes("already in this queue") === true, taken.error);
const place = good(await api.getSnapshot({ client: anybody, path, query: { partyId: ana.partyId } }));
check(place.type === "position" && place.position === 1, place);
const called = good(await api.advanceLine({ client: host(line.hostAuthToken), path, body: {} }));
check(called.nowServing?.name === "Ana", called);
const call = good(await api.getSnapshot({ client: anybody, path, query: { partyId: ana.partyId } }));
check(call.type === "called" && typeof call.deadline === "number", call);

// A poll.
const asked = { title: "Wine?", choices: ["Red", "White"], open: true };
const poll = good(await api.createPoll({ client: anybody, body: asked }));
const ballotId = crypto.randomUUID();
const voted = good(
  await api.castBallot({ client: anybody, path: { poll: poll.id }, body: { ballotId, choices: [1] } }),
);
check(voted.receipt.ballotId === ballotId, voted);
const results = good(
  await api.getResults({ client: anybody, path: { poll: poll.id }, query: { cache: "false" } }),
);
check(results.choices[1]?.count === 1, results);
good(await api.closePoll({ client: host(poll.hostToken), path: { poll: poll.id } }));
const receipt = good(
  await api.getReceipt({ client: anybody, path: { poll: poll.id, ballot_id: ballotId } }),
);
check(receipt.proof !== null && receipt.counted, receipt);
const file = good(
  await api.exportResults({ client: anybody, path: { poll: poll.id }, query: { format: "json" } }),
);
check(typeof file === "object" && "ballots" in file && file.ballots === 1, file);
const csv = await api.exportResults({ client: anybody, path: { poll: poll.id }, query: { format: "csv" } });
check(csv.response?.headers.get("content-type")?.startsWith("text/csv") === true, csv.error);
check(String(csv.data).includes("White"), csv.data);

// A session.
const session = good(
  await api.createSession({
    client: anybody,
    body: { question: "Tea?", voteType: "single", choices: [{ text: "Yes" }, { text: "No" }] },
  }),
);
const one = { session_id: session.sessionId };
good(await api.voteInSession({ client: anybody, path: one, body: { choiceIds: ["2"] } }));
const question = good(await api.getSession({ client: anybody, path: one }));
check(question.choices[1]?.voteCount === 1, question);
const closed = good(await api.closeSession({ client: host(session.hostToken), path: one }));
check(closed.status === "closed", closed);

// A room.
const room = good(await api.createRoom({ client: anybody, body: { title: "Live?" } }));
const voter = good(await api.addParticipant({ client: anybody, path: { room: room.room }, body: { name: "Ana" } }));
check(voter.token.length > 20, voter);
const ticks = good(await api.getRoomHistory({ client: anybody, path: { room: room.room } }));
check(Array.isArray(ticks.data), ticks);

// edge-poll.
const now = Date.now();
const old = { title: "Tea?", description: "", start: now - 1e7, end: now + 1e7, shards: 2, choices: ["Yes", "No"] };
const edge = good(await api.createEdgePoll({ client: proving("api-key", key), body: old }));
check(
  good(await api.voteInEdgePoll({ client: anybody, path: { poll_id: edge.id }, body: { id: "1" } })) === "ok",
  edge,
);
const counts = good(
  await api.getEdgePollResults({ client: anybody, path: { poll_id: edge.id }, query: { cache: "false" } }),
);
check(counts.choices["1"]?.count === 1, counts);
console.log("done");
