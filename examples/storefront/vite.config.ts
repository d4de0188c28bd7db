import { defineConfig } from "vite";

// Where the API answers while `npm run dev` serves the pages.
const SHOP = process.env["SHOP"] ?? "http://localhost:8000";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    // `feria run` serves this folder; it is checked in, since a newcomer has no Node.
    outDir: "../../core/feria_core/storefront",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // data: addresses would need a laxer Content-Security-Policy
    modulePreload: { polyfill: false },
  },
  server: { proxy: Object.fromEntries(["/api", "/media", "/dev", "/docs"].map((path) => [path, SHOP])) },
});
