import { defineConfig, type UserConfig } from 'vite';

/** The build of the web UI: `npm run build` writes it beside the compiled server, which serves it. */
const config: UserConfig = defineConfig({
  // A reverse proxy may serve the web UI below a path.
  base: './',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no inline scripts, styles or images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // Source locations are left out, regardless of NODE_ENV.
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', jsxDev: false },
  // For `npx vite web`: pages come from the sources, API responses from a running server.
  server: { proxy: { '/v2': process.env['CLAIR_SERVER'] ?? 'http://127.0.0.1:6060' } },
});

export default config;
