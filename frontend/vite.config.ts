import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";
import { icons } from "./icons.ts";

/**
 * One entry per page, named in its template by {% vite_asset "guest/ticket.ts" %}. Everything ends up in dist/, which Django
 * serves under /static/ with names that change with their content (dist/assets.json tells which).
 */
export const ENTRIES = [
  "design/admin.css",
  "design/admin.ts",
  "design/design.css",
  "design/design.ts",
  "design/hosts.css",
  "design/tallyline.css",
  "guest/again.ts",
  "guest/guest.css",
  "guest/join.ts",
  "guest/offline_copy.ts",
  "guest/let_pass.ts",
  "guest/restore.ts",
  "guest/take.ts",
  "guest/ticket.ts",
  "host/account.css",
  "host/codes.ts",
  "guest/venue.ts",
  "host/console.css",
  "host/console.ts",
  "host/key.ts",
  "host/open.ts",
  "host/party.css",
  "host/passkey.ts",
  "host/poster.css",
  "host/poster.ts",
  "host/proxy.css",
  "host/proxy.ts",
  "host/report.css",
  "host/tables.css",
  "kiosk/kiosk.css",
  "kiosk/kiosk.ts",
  "kiosk/ticket.ts",
  "poll/newpoll.ts",
  "poll/poll.css",
  "poll/results.ts",
  "poll/vote.ts",
  "room/room.css",
  "room/room.ts",
  "room/roomvote.ts",
  "shared/start.ts",
  "wall/here.ts",
  "wall/line.ts",
  "wall/standing.ts",
  "wall/venue.ts",
  "wall/wall.css",
  "wall/wall.ts",
];

// What several pages share, in two files: each file costs a phone 0.4 KB of headers. A page that needs one module of a file runs them
// all, so those of the first do nothing by themselves (shared/shared.test.ts), and what every live page begins with is apart: its gate
// and its age. So is what only pages with an outbox need.
const SHARED = [
  {
    name: "shared",
    test: /\/(shared|guest)\/(?!begin|freshness|offline_copy|database|one_sender|backoff|uuid)|\/wall\/view/,
    minShareCount: 2,
  },
  { name: "live", test: /\/shared\/(begin|freshness|offline_copy)/ },
  // Of walls only: no guest's phone loads it. Last: what it shares with guests' pages is in the first.
  { name: "walls", test: /\/wall\/(cards|clock|layout|names)/, minShareCount: 2 },
];

// Entries whose files the service worker caches: guest pages only. Those of hosts and walls would cost guests bytes.
const FOR_GUESTS = /^(guest\/|poll\/(poll|results|vote)\.|shared\/start\.|design\/tallyline\.css)/;

interface Built {
  file: string;
  css?: string[];
  assets?: string[];
  imports?: string[];
}

/** The files that the pages of guests are made of, by the manifest that Vite has just written. */
function guestFiles(assets: Record<string, Built>): Set<string> {
  const files = new Set<string>(["img/icon.svg"]);
  const add = (name: string) => {
    const built = assets[name];
    if (!built || files.has(built.file)) return;
    for (const file of [built.file, ...(built.css ?? []), ...(built.assets ?? [])]) files.add(file);
    for (const each of built.imports ?? []) add(each);
  };
  for (const name of ENTRIES) if (FOR_GUESTS.test(name)) add(name);
  return files;
}

export default defineConfig({
  base: "/static/",
  publicDir: "public",
  build: {
    outDir: "dist",
    assetsDir: "assets",
    manifest: "assets.json",
    modulePreload: { polyfill: false },
    target: ["chrome109", "firefox115", "safari16"],
    rolldownOptions: { input: ENTRIES, output: { codeSplitting: { groups: SHARED } } },
  },
  plugins: [
    icons("../templates"),
    // The service worker, served at /sw.js: built by itself, with the list of what it may keep.
    VitePWA({
      strategies: "injectManifest",
      srcDir: "worker",
      filename: "sw.ts",
      injectRegister: false,
      manifest: false,
      injectManifest: {
        globPatterns: ["assets/*", "img/*"],
        dontCacheBustURLsMatching: /^assets\//,
        manifestTransforms: [
          async (entries) => {
            const text = readFileSync("dist/assets.json", "utf8");
            const files = guestFiles(JSON.parse(text));
            const kept = entries
              .filter(({ url }) => files.has(url))
              .map((each) => ({ ...each, url: `/static/${each.url}` }));
            // The page for when there is no copy; it names files of this build.
            const revision = createHash("sha256").update(text).digest("hex").slice(0, 16);
            return { manifest: [...kept, { url: "/offline", revision, size: 0 }] };
          },
        ],
      },
    }),
  ],
  // Each file has a context of its own in a thread: with a thread or process each, happy-dom was loaded for every file, most of all time.
  test: {
    environment: "happy-dom",
    pool: "vmThreads",
    css: true,
    include: ["**/*.test.ts"],
    exclude: ["node_modules", "dist"],
  },
});
