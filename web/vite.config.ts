import { defineConfig, type UserConfig } from 'vite';

/** The build of the web UI. `npm run build` writes the web UI beside the compiled server, which serves the web UI. */
const config: UserConfig = defineConfig({
  // A reverse proxy can serve the web UI below a path.
  base: './',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy permits no inline scripts, styles or images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The build contains no locations of sources, regardless of NODE_ENV.
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', jsxDev: false },
  // With `npx vite web`, pages come from the sources, and API responses come from a running server.
  server: { proxy: { '/v2': process.env['CLAIR_SERVER'] ?? 'http://127.0.0.1:6060' } },
});

export default config;
