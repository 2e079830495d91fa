// Compiles src/ to dist/ and puts beside the compiled code what it reads at run time: the SQL migrations and the page.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync('npx', ['--no-install', 'tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
cpSync('src/database/migrations', 'dist/database/migrations', { recursive: true });
execFileSync('npx', ['--no-install', 'vite', 'build', 'web', '--logLevel', 'warn'], { stdio: 'inherit' });
chmodSync('dist/cli/main.js', 0o755);
