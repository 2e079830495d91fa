// Compiles src/ to dist/ and puts the SQL migrations beside the compiled code, which reads them at run time.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync('npx', ['--no-install', 'tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
cpSync('src/database/migrations', 'dist/database/migrations', { recursive: true });
chmodSync('dist/cli/main.js', 0o755);
