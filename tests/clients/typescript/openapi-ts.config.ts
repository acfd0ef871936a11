import { defineConfig } from "@hey-api/openapi-ts";

// Node runs the sources as they are, so imports name whole files.
export default defineConfig({ input: "./schema.json", output: { path: "./client", module: { extension: ".ts" } } });
