import { defineConfig, type UserConfig } from 'vite';

/** The page: `npm run build` puts it beside the compiled server, which serves it. */
const config: UserConfig = defineConfig({
  // The page may be behind a path of another server.
  base: './',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page allows no inline scripts, styles or images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // Never with the places of the sources, whatever NODE_ENV says.
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', jsxDev: false },
  // For `npx vite web`: pages from the sources, answers of a server that runs.
  server: { proxy: { '/v2': process.env['CLAIR_SERVER'] ?? 'http://127.0.0.1:6060' } },
});

export default config;
