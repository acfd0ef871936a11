import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

/**
 * One entry per page, named in its template by {% vite_asset "guest/ticket.ts" %}. Everything ends up in dist/, which Django
 * serves under /static/ with names that change with their content (dist/assets.json tells which).
 */
const ENTRIES = [
  "design/tallyline.css",
  "guest/join.js",
  "guest/restore.js",
  "guest/ticket.js",
  "host/console.css",
  "host/console.ts",
  "host/open.ts",
  "host/poster.ts",
  "host/report.css",
  "poll/newpoll.js",
  "poll/poll.css",
  "poll/results.js",
  "poll/vote.js",
  "room/room.css",
  "room/room.js",
  "room/roomvote.js",
];

export default defineConfig({
  base: "/static/",
  publicDir: "public",
  build: {
    outDir: "dist",
    assetsDir: "assets",
    manifest: "assets.json",
    modulePreload: { polyfill: false },
    target: ["chrome109", "firefox115", "safari16"],
    rolldownOptions: { input: ENTRIES },
  },
  plugins: [
    // The service worker, served at /sw.js: built by itself, with the list of what it may keep.
    VitePWA({
      strategies: "injectManifest",
      srcDir: "worker",
      filename: "sw.ts",
      injectRegister: false,
      manifest: false,
      injectManifest: { injectionPoint: undefined },
    }),
  ],
  test: { environment: "happy-dom", include: ["**/*.test.ts"], exclude: ["node_modules", "dist"] },
});
